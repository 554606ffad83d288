"""Reserve a database connection for a stream, and leave a connection in the pool."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import get_ident
from typing import Any, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.registry import get_backend
from streamreports.exceptions import PoolError

T = TypeVar("T")

# A discarded stream closes its transaction when it is finalized. The garbage collector might
# finalize the connection first, so a reference to the connection is kept until release().
_reserved: set["ReservedConnection"] = set()


class ReservedConnection:
    """Reserve this thread's connection to a database for a stream, until ``release()``.

    While rows are being read, the connection cannot run other statements. Middleware that saves a
    session, for example, gets another connection between two calls of ``run()``.
    """

    def __init__(self, using: str) -> None:
        self.using = using
        self.thread = get_ident()
        self._connection = connections[using]
        self._is_reserved = needs_reservation(self._connection)
        if self._is_reserved:
            _reserved.add(self)

    def in_transaction(self) -> bool:
        """Return True inside ``transaction.atomic``; that of a test case does not count."""
        return in_transaction(self._connection)

    def run(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function that uses the connection, in any thread, and return its result."""
        with self._shared(), self._in_place():
            return function(*args)

    @contextmanager
    def _shared(self) -> Iterator[None]:
        """Allow the current thread to use the connection."""
        self._connection.inc_thread_sharing()
        try:
            yield
        finally:
            self._connection.dec_thread_sharing()

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        """Make this the thread's connection within this context, and another one afterwards."""
        if not self._is_reserved:
            yield
            return
        other = current_connection(self.using)
        connections[self.using] = self._connection
        try:
            yield
        finally:
            if other is None or other is self._connection:
                # It connects at its first query, with the execute wrappers of that moment.
                other = connections.create_connection(self.using)
                other.execute_wrappers = self._connection.execute_wrappers
            connections[self.using] = other

    def close_other(self) -> None:
        """Close the connection that middleware used after the view; one per request is enough."""
        other = current_connection(self.using)
        if (
            self._is_reserved
            and get_ident() == self.thread
            and other not in (None, self._connection)
            and not other.in_atomic_block
        ):
            other.close()

    def release(self) -> None:
        """Return the connection to its thread, or close it if this is not possible.

        It is closed if the thread has another connection, or if this runs in another thread. A
        pooled connection is always returned to its pool.
        """
        if not self._is_reserved:
            return
        self._is_reserved = False
        _reserved.discard(self)
        other = current_connection(self.using)
        is_free = other is None or other.connection is None
        can_return = is_free and get_ident() == self.thread
        if not can_return or get_pool(self._connection) is not None:
            with self._shared():
                self._connection.close()
        if can_return:
            connections[self.using] = self._connection


class SharedConnections:
    """Use the connections of this thread for a stream, as the view and the middleware do.

    The queries of a stream that is not a report leave the connections usable between two calls of
    ``run()``.
    """

    def __init__(self) -> None:
        self.thread = get_ident()
        self._connections = [connections[using] for using in connections]

    def in_transaction(self) -> bool:
        """Return True inside ``transaction.atomic``; that of a test case does not count."""
        return any(map(in_transaction, self._connections))

    def run(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function that uses the connections, in any thread, and return its result."""
        if get_ident() == self.thread:
            return function(*args)
        with ExitStack() as stack:
            for connection in self._connections:
                stack.enter_context(lent(connection))
            return function(*args)

    def close_other(self) -> None:
        """Do nothing: there is no other connection."""

    def release(self) -> None:
        """Do nothing: the connections stay with their thread."""


@contextmanager
def lent(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Use a connection of another thread as this thread's connection within this context."""
    own = current_connection(connection.alias)
    connection.inc_thread_sharing()
    connections[connection.alias] = connection
    try:
        yield
    finally:
        connection.dec_thread_sharing()
        if own is None:
            del connections[connection.alias]
        else:
            connections[connection.alias] = own


def needs_reservation(connection: BaseDatabaseWrapper) -> bool:
    """Return True if a stream prevents other code from using the connection.

    Inside a transaction, such as that of a test case, only this connection can see the changes.
    """
    return not (
        connection.in_atomic_block or get_backend(connection).features.leaves_connection_free
    )


def get_pool(connection: BaseDatabaseWrapper) -> Any:
    """Return the connection pool that Django keeps for a database, or None."""
    return getattr(connection, "pool", None)


def get_pool_limit(using: str) -> int | None:
    """Return the number of streams that may use a database's connection pool; None if no pool.

    The last connection is reserved for the requests: if middleware runs a query after the view, it
    would otherwise wait for a stream that in turn waits for the middleware.

    Raises PoolError if the pool has a single connection.
    """
    max_size = getattr(get_pool(connections[using]), "max_size", None)
    if max_size is None:
        return None
    if max_size < 2:
        raise PoolError(
            f"The connection pool of the database {using!r} has a max_size of {max_size}. A report"
            " never takes the last connection of a pool.",
            f"Set DATABASES[{using!r}]['OPTIONS']['pool']['max_size'] to at least 2: the number of"
            " concurrent reports per process, plus one.",
        )
    return int(max_size) - 1


def return_pooled_connections() -> None:
    """Return the idle connections of this thread to their pools."""
    for connection in connections.all(initialized_only=True):
        if get_pool(connection) is not None and not connection.in_atomic_block:
            connection.close()


def in_transaction(connection: BaseDatabaseWrapper) -> bool:
    """Return True inside ``transaction.atomic``; the transaction of a test case does not count."""
    blocks = connection.atomic_blocks
    return not all(getattr(block, "_from_testcase", False) for block in blocks)


def current_connection(using: str) -> BaseDatabaseWrapper | None:
    """Return this thread's connection to a database, or None; never create one."""
    initialized = connections.all(initialized_only=True)
    return next((c for c in initialized if c.alias == using), None)
