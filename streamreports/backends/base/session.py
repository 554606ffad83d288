"""Read a large result consistently and in constant memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.base.routing import reading_from

T = TypeVar("T")


class ReadSession:
    """Read the rows of one query through a connection.

    This class uses the connection unchanged. A vendor's subclass opens the connections,
    transactions and cursors that its database needs, so that the rows are not held in memory and
    all queries see the same snapshot.
    """

    connection: BaseDatabaseWrapper

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    @classmethod
    @contextmanager
    def open(
        cls, connection: BaseDatabaseWrapper, *, has_related_queries: bool = False
    ) -> Iterator["ReadSession"]:
        """Yield a session that reads from the database of a connection.

        ``has_related_queries``: whether other queries are run for the rows while they are read.
        If a transaction is already open, the session uses it and leaves it usable.
        """
        yield cls(connection)

    def fetch(self, function: Callable[[], T]) -> T:
        """Call a function that fetches rows of the query, and return its result."""
        return function()

    def fetch_related(self, function: Callable[[], T]) -> T:
        """Call a function that runs other queries for rows already fetched; return its result."""
        with reading_from(self.connection.alias):
            return function()

    def close(self) -> None:
        """Discard unread rows; call this before the cursor is closed."""

    def cancel(self) -> None:
        """Cancel the running statement, if any; call this from another thread."""


@contextmanager
def installed(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Use a connection in place of this thread's connection with the same alias."""
    before = connections[connection.alias]
    connections[connection.alias] = connection
    try:
        yield
    finally:
        connections[connection.alias] = before


@contextmanager
def separate_connection(connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """Open another connection to the same database, and close it at the end.

    It has the execute wrappers and the query log of the given one.
    """
    other = connection.copy()
    other.inc_thread_sharing()  # The garbage collector may close it in any thread.
    other.execute_wrappers = connection.execute_wrappers
    other.force_debug_cursor = connection.force_debug_cursor
    other.queries_log = connection.queries_log
    try:
        other.ensure_connection()
        yield other
    finally:
        other.close()
