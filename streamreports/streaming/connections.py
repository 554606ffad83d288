"""Reserve a database connection for a stream."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.registry import get_backend

T = TypeVar("T")


class ReservedConnection:
    """Reserve this thread's connection to a database for a stream, until ``release()``.

    While rows are being read, the connection cannot run other statements. Middleware that saves a
    session, for example, gets another connection between two calls of ``run()``.
    """

    def __init__(self, using: str) -> None:
        self.using = using
        self.thread = get_ident()
        self._connection = connections[using]
        # Inside a transaction, such as that of a test case, only this connection sees its changes.
        self._is_reserved = not (
            self._connection.in_atomic_block
            or get_backend(self._connection).features.leaves_connection_free
        )

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
        """Make this the thread's connection to the database, and another one afterwards."""
        if not self._is_reserved:
            yield
            return
        other = current_connection(self.using)
        connections[self.using] = self._connection
        try:
            yield
        finally:
            if other is None or other is self._connection:
                # It connects at its first query, with the execute wrappers of that time.
                other = connections.create_connection(self.using)
                other.execute_wrappers = self._connection.execute_wrappers
            connections[self.using] = other

    def release(self) -> None:
        """Return the connection to its thread, or close it if that is impossible.

        It is closed if another connection has taken its place, or in another thread.
        """
        if not self._is_reserved:
            return
        self._is_reserved = False
        other = current_connection(self.using)
        is_free = other is None or other.connection is None
        if is_free and get_ident() == self.thread:
            connections[self.using] = self._connection
        else:
            with self._shared():
                self._connection.close()


def current_connection(using: str) -> BaseDatabaseWrapper | None:
    """Return this thread's connection to a database, or None; never create one."""
    initialized = connections.all(initialized_only=True)
    return next((c for c in initialized if c.alias == using), None)
