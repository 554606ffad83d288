"""The interface of a database backend."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from streamreports.backends.base.errors import exception_chain, explain
from streamreports.backends.base.features import Features
from streamreports.backends.base.operations import Operations
from streamreports.backends.base.session import ReadSession
from streamreports.backends.base.time_limits import Deadline
from streamreports.exceptions import TimeLimitError


class Backend:
    """Database-specific behavior for a connection.

    Each vendor has a subclass whose attributes name its classes, as in Django's database backends.
    """

    features_class: type[Features] = Features
    operations_class: type[Operations] = Operations
    session_class: type[ReadSession] = ReadSession

    connection: BaseDatabaseWrapper
    features: Features
    operations: Operations

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.features = self.features_class(connection)
        self.operations = self.operations_class(connection)

    @contextmanager
    def open_session(self, *, has_related_queries: bool = False) -> Iterator[ReadSession]:
        """Yield the session in which one long query is read.

        ``has_related_queries``: whether further queries are run for its rows, which must see the
        same snapshot. A note is added to errors whose cause is known.
        """
        opened = self.session_class.open(self.connection, has_related_queries=has_related_queries)
        try:
            with opened as session:
                yield session
        except Exception as error:
            if explanation := explain(error, [self.explain_error]):
                error.add_note(explanation)
            raise

    @contextmanager
    def open_transaction(self) -> Iterator[None]:
        """Open a transaction for a few short reads, unless one is already open.

        Inside it, sessions read through this connection instead of separate ones.
        """
        if self.connection.in_atomic_block:
            yield
        else:
            with self.start_transaction():
                yield

    def start_transaction(self) -> AbstractContextManager[None]:
        """Return a context manager for a read-only transaction."""
        return transaction.atomic(using=self.connection.alias, durable=True)

    @contextmanager
    def limit_time(self, seconds: float) -> Iterator[None]:
        """Limit the time of the statements of this connection within the block.

        The database terminates a statement that takes longer than the limit, and no statement is
        started after the limit has passed. ``TimeLimitError`` is raised in both cases; the
        connection and its transaction remain usable. A shorter limit of an outer block remains in
        effect. If the vendor is not registered, running statements are not terminated.
        """
        deadline = Deadline(seconds)
        try:
            with (
                self.limit_statements(self.connection, seconds),
                self.connection.execute_wrapper(deadline),
            ):
                yield
        except Exception as error:
            # If a function catches a timeout, PostgreSQL raises a different error for the next
            # query.
            is_late = isinstance(error, DatabaseError) and not deadline.remaining
            if is_late or any(map(self.is_timeout, exception_chain(error))):
                raise TimeLimitError(seconds) from error
            raise

    def estimate_rows(self, queryset: QuerySet[Any]) -> int | None:
        """Return the approximate number of rows of a queryset, without reading them.

        This is the estimate of the query planner; None if there is no estimate.
        """
        return None

    def copy_csv(
        self, queryset: QuerySet[Any], options: str, line_end: bytes
    ) -> Generator[tuple[int, bytes], None, None]:
        """Yield the rows of a queryset as CSV lines written by the database.

        Each item is a number of rows and their lines, without the final line ending. Only backends
        with the feature ``can_copy_csv`` implement this.
        """
        raise NotImplementedError

    def with_params(self, sql: str, params: Sequence[Any]) -> str:
        """Return a statement with its parameters filled in, for display."""
        return sql % tuple(params)

    def convert(self, values: Sequence[Any], function: Any, expression: Any) -> list[Any]:
        """Return the values of a column, converted by one of Django's converters.

        A backend may override this with a faster conversion to the same values.
        """
        return [function(value, expression, self.connection) for value in values]

    @staticmethod
    def explain_error(error: BaseException) -> str:
        """Return why the database raised an error and how to avoid it; "" if unknown."""
        return ""

    @staticmethod
    def limit_statements(
        connection: BaseDatabaseWrapper, seconds: float
    ) -> AbstractContextManager[None]:
        """Return a context manager in which the database terminates slower statements."""
        return nullcontext()

    @staticmethod
    def is_timeout(error: BaseException) -> bool:
        """Return True if a driver error means that a statement exceeded its time limit."""
        return False
