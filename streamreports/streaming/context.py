"""What was in force when a report was begun, put back around each piece of its work."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from threading import get_ident
from typing import Any, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone, translation

from streamreports.backends.registry import get_backend

T = TypeVar("T")


class RequestContext:
    """Remember the language, time zone, context variables and database wrappers of a request.

    The body of a streamed response is made after the view and the middleware have returned, when
    all of these are gone; ``run()`` puts them back for the length of one call.

    The database connection is remembered as well, and kept from everybody else between the calls:
    while rows are being read from it, middleware that saves a session, say, must get another.
    """

    def __init__(self, using: str) -> None:
        self.using = using
        self._context = copy_context()
        self._language = translation.get_language()
        self._timezone = timezone.get_current_timezone()
        self._wrappers = {
            connection: list(connection.execute_wrappers)
            for connection in connections.all(initialized_only=True)
        }
        self._connection = connections[using]
        # One that is inside a transaction has what no other can see, as in a test case.
        self._keeps_connection = not (
            self._connection.in_atomic_block
            or get_backend(self._connection).features.leaves_connection_free
        )
        self.thread = get_ident()

    def run(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function with everything put back."""
        return self._context.run(self._run, function, *args)

    def _run(self, function: Callable[..., T], *args: Any) -> T:
        with ExitStack() as stack:
            stack.enter_context(self._shared())
            stack.enter_context(self._own_connection())
            for connection, wrappers in self._wrappers.items():
                stack.enter_context(wrapped(connection, wrappers))
            self._activate()
            return function(*args)

    def _activate(self) -> None:
        """Activate the language and the time zone, in the context alone.

        Nothing is put back: all requests share the locks of these two, and a hundred streams that
        took them more often than they need would wait for each other.
        """
        timezone.activate(self._timezone)
        if self._language is None:
            translation.deactivate_all()
        else:
            translation.activate(self._language)

    # The connection

    @contextmanager
    def _shared(self) -> Iterator[None]:
        """Let the thread that is at work use the connection, also where it is not the request's."""
        self._connection.inc_thread_sharing()
        try:
            yield
        finally:
            self._connection.dec_thread_sharing()

    @contextmanager
    def _own_connection(self) -> Iterator[None]:
        """Have the remembered connection in its place, and afterwards another one there."""
        if not self._keeps_connection:
            yield
            return
        other = current_connection(self.using)
        connections[self.using] = self._connection
        try:
            yield
        finally:
            if other is None or other is self._connection:
                # It connects when somebody asks it, through the wrappers that are in force then.
                other = connections.create_connection(self.using)
                other.execute_wrappers = self._connection.execute_wrappers
            connections[self.using] = other

    def release(self) -> None:
        """Give the connection back; close it where another has its place, or in another thread."""
        if self._keeps_connection:
            self._keeps_connection = False
            other = current_connection(self.using)
            is_free = other is None or other.connection is None
            if is_free and get_ident() == self.thread:
                connections[self.using] = self._connection
            else:
                with self._shared():
                    self._connection.close()


def current_connection(using: str) -> BaseDatabaseWrapper | None:
    """Return the connection that this thread has under an alias, without making one."""
    initialized = connections.all(initialized_only=True)
    return next((c for c in initialized if c.alias == using), None)


@contextmanager
def wrapped(connection: BaseDatabaseWrapper, wrappers: list[Any]) -> Iterator[None]:
    """Have a connection run its statements through the given wrappers."""
    before = connection.execute_wrappers
    connection.execute_wrappers = wrappers
    try:
        yield
    finally:
        connection.execute_wrappers = before
