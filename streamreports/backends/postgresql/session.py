"""Read a large result from PostgreSQL."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.base.session import ReadSession
from streamreports.backends.postgresql.datetimes import fast_datetimes


class PostgresqlReadSession(ReadSession):
    """Read in one read-only transaction, in which every query sees the same snapshot."""

    @classmethod
    @contextmanager
    def open(
        cls, connection: BaseDatabaseWrapper, *, has_related_queries: bool = False
    ) -> Iterator[ReadSession]:
        """Yield a session in a new transaction, unless one is already open."""
        with ExitStack() as stack:
            if not connection.in_atomic_block:
                stack.enter_context(read_only_transaction(connection))
            stack.enter_context(fast_datetimes(connection))
            yield cls(connection)

    def cancel(self) -> None:
        """Cancel the running statement, if any; call this from another thread."""
        driver = self.connection.connection
        if driver is not None:
            getattr(driver, "cancel_safe", driver.cancel)()  # psycopg 3.2 added cancel_safe().


@contextmanager
def read_only_transaction(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Open a transaction in which every query sees the same snapshot.

    Outside a transaction Django declares its cursors WITH HOLD, and PostgreSQL writes the whole
    result to a temporary file before it returns the first row.
    """
    with transaction.atomic(using=connection.alias, durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # Compiling a plan of millions of rows takes as long as reading thousands of them.
            cursor.execute("SET LOCAL jit = off")
        yield
