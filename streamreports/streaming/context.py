"""Restore the request's language, time zone and context variables around each step."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from typing import Any, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone, translation

T = TypeVar("T")


class RequestContext:
    """Store the language, time zone, context variables and execute wrappers of a request.

    The body of a streaming response is generated after the view and the middleware have returned,
    when these are no longer active. ``run()`` restores them for one call.
    """

    def __init__(self) -> None:
        self._context = copy_context()
        self._language = translation.get_language()
        self._timezone = timezone.get_current_timezone()
        self._wrappers = {
            connection: list(connection.execute_wrappers)
            for connection in connections.all(initialized_only=True)
        }

    def run(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function in the context of the request, and return its result."""
        return self._context.run(self._run, function, *args)

    def _run(self, function: Callable[..., T], *args: Any) -> T:
        with ExitStack() as stack:
            for connection, wrappers in self._wrappers.items():
                stack.enter_context(execute_wrappers(connection, wrappers))
            self._activate()
            return function(*args)

    def _activate(self) -> None:
        """Activate the language and the time zone in the context.

        They do not have to be deactivated, since the context is left. Deactivation would be slow:
        all requests share the locks of these functions, so many streams would wait for each other.
        """
        timezone.activate(self._timezone)
        if self._language is None:
            translation.deactivate_all()
        else:
            translation.activate(self._language)


@contextmanager
def execute_wrappers(connection: BaseDatabaseWrapper, wrappers: list[Any]) -> Iterator[None]:
    """Replace the execute wrappers of a connection within this context."""
    before = connection.execute_wrappers
    connection.execute_wrappers = wrappers
    try:
        yield
    finally:
        connection.execute_wrappers = before
