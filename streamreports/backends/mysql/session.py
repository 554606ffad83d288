"""Read a large result from MariaDB or MySQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import TypeVar

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.base.session import ReadSession, installed, separate_connection

T = TypeVar("T")


class MysqlReadSession(ReadSession):
    """Read through a separate connection, with an unbuffered cursor.

    Rows stay on the server until they are fetched. Until then, the connection accepts no other
    query. ``related``: the connection for other queries, with the same snapshot.
    """

    def __init__(self, connection: BaseDatabaseWrapper, related: BaseDatabaseWrapper) -> None:
        super().__init__(connection)
        self.related = related
        # Only this thread may request these from the driver.
        self._thread_ids = {each.connection.thread_id() for each in (connection, related)}

    @classmethod
    @contextmanager
    def open(
        cls, connection: BaseDatabaseWrapper, *, has_related_queries: bool = False
    ) -> Iterator[ReadSession]:
        """Yield a session with separate connections, unless a transaction is already open."""
        if connection.in_atomic_block:
            yield ReadSession(connection)
            return
        with ExitStack() as stack:
            own = stack.enter_context(separate_connection(connection))
            related = own
            if has_related_queries:
                related = stack.enter_context(separate_connection(connection))
                for each in (own, related):
                    begin_snapshot(each)
            yield cls(own, related)

    def fetch(self, function: Callable[[], T]) -> T:
        """Call a function whose cursors leave their rows on the server until they are fetched."""
        from streamreports.backends.mysql.cursors import UnbufferedCursor  # Its driver is an extra.

        self.connection.ensure_connection()
        driver = self.connection.connection
        before = driver.cursorclass
        driver.cursorclass = UnbufferedCursor
        try:
            with installed(self.connection):
                return function()
        finally:
            driver.cursorclass = before

    def fetch_related(self, function: Callable[[], T]) -> T:
        """Call a function whose queries see the rows that the session sees."""
        with installed(self.related):
            return super().fetch_related(function)

    def close(self) -> None:
        """Close the connection: closing the cursor would fetch all unread rows."""
        self.connection.close()

    def cancel(self) -> None:
        """Cancel the statements of the session's connections, through another one."""
        with closing(self.connection.copy()) as other, other.cursor() as cursor:
            for thread_id in self._thread_ids:
                with suppress(OperationalError):  # The connection has already been closed.
                    cursor.execute("KILL QUERY %s", [thread_id])


def begin_snapshot(connection: BaseDatabaseWrapper) -> None:
    """Begin a transaction with a snapshot of the current state of the database."""
    with connection.cursor() as cursor:
        if connection.mysql_is_mariadb:  # type: ignore[attr-defined]
            # A client that pauses must not cause the transaction to time out.
            cursor.execute(
                "SET SESSION idle_transaction_timeout = 0, idle_readonly_transaction_timeout = 0"
            )
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
