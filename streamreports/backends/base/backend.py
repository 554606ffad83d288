"""The interface of a backend: all that reports need to know about a database."""

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
    """What depends on the database behind a connection.

    A vendor is a subclass whose attributes name its own classes, as in Django's database backends.
    """

    features_class: type[Features] = Features
    operations_class: type[Operations] = Operations
    session_class: type[ReadSession] = ReadSession

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.features = self.features_class(connection)
        self.operations = self.operations_class(connection)

    @contextmanager
    def open_session(self, *, has_related_queries: bool = False) -> Iterator[ReadSession]:
        """Yield the session in which one long query is read.

        ``has_related_queries``: whether other queries are run for its rows, which must see the
        same state of the database. Errors get a note that explains them, where that is known.
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
        """Open a transaction for a few short reads, unless one is open already.

        Inside it, sessions read through this connection instead of connections of their own.
        """
        if self.connection.in_atomic_block:
            yield
        else:
            with self.start_transaction():
                yield

    def start_transaction(self) -> AbstractContextManager[None]:
        """Return what opens and ends a transaction that only reads."""
        return transaction.atomic(using=self.connection.alias, durable=True)

    @contextmanager
    def limit_time(self, seconds: float) -> Iterator[None]:
        """Limit the time that statements of this connection take within the block.

        The database ends a statement that takes longer than that many seconds, and once they have
        passed since the block began, none is started. An earlier, shorter limit stays in force.
        Raises ``TimeLimitError`` in both cases; the connection stays usable, and so does its
        transaction. If the vendor is not registered, the database ends no statement.
        """
        deadline = Deadline(seconds)
        try:
            with (
                self.limit_statements(self.connection, seconds),
                self.connection.execute_wrapper(deadline),
            ):
                yield
        except Exception as error:
            # If a function catches a timeout, PostgreSQL has another error for what follows.
            is_late = isinstance(error, DatabaseError) and not deadline.remaining
            if is_late or any(map(self.is_timeout, exception_chain(error))):
                raise TimeLimitError(seconds) from error
            raise

    def estimate_rows(self, queryset: QuerySet[Any]) -> int | None:
        """Return about how many rows a queryset has, without reading them.

        It is what the planner of the database expects; None if there is none, or it cannot tell.
        """
        return None

    def copy_csv(
        self, queryset: QuerySet[Any], options: str, line_end: bytes
    ) -> Generator[tuple[int, bytes], None, None]:
        """Yield the rows of a queryset as CSV lines that the database writes.

        Each item is a number of rows, and their lines without the last line end. Only backends
        with the feature ``can_copy_csv`` implement this.
        """
        raise NotImplementedError

    def with_params(self, sql: str, params: Sequence[Any]) -> str:
        """Return a statement with its parameters in place, for a person who reads or tries it."""
        return sql % tuple(params)

    def convert(self, values: Sequence[Any], function: Any, expression: Any) -> list[Any]:
        """Return the values of a column, converted by one of Django's converters.

        A backend may return the same values faster.
        """
        return [function(value, expression, self.connection) for value in values]

    @staticmethod
    def explain_error(error: BaseException) -> str:
        """Return why the database raised an error, and how to avoid it; "" if not known."""
        return ""

    @staticmethod
    def limit_statements(
        connection: BaseDatabaseWrapper, seconds: float
    ) -> AbstractContextManager[None]:
        """Return a context in which the database ends statements that take longer."""
        return nullcontext()

    @staticmethod
    def is_timeout(error: BaseException) -> bool:
        """Return True for the driver's error that a statement took longer than it may."""
        return False
