"""Limit the time that statements take in SQLite."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from django.db.backends.base.base import BaseDatabaseWrapper

CHECK_EVERY = 10_000  # instructions of SQLite's virtual machine: less than a millisecond

# The handler of each connection that has one: SQLite does not tell.
_handlers: WeakKeyDictionary[BaseDatabaseWrapper, Callable[[], bool]] = WeakKeyDictionary()


@contextmanager
def limit_statements(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Terminate statements that are still running after a number of seconds.

    A progress handler that the project has set is lost.
    """
    end = time.monotonic() + seconds
    outer = _handlers.get(connection)

    def is_late() -> bool:
        return time.monotonic() > end or (outer is not None and outer())

    connection.ensure_connection()
    set_handler(connection, is_late)
    try:
        yield
    finally:
        set_handler(connection, outer)


def set_handler(connection: BaseDatabaseWrapper, handler: Callable[[], bool] | None) -> None:
    """Call a handler while statements run, and terminate them when it returns True."""
    if handler is None:
        _handlers.pop(connection, None)
    else:
        _handlers[connection] = handler
    if connection.connection is not None:
        connection.connection.set_progress_handler(handler, CHECK_EVERY)


def is_timeout(error: BaseException) -> bool:
    """Return True for the error that a statement was interrupted."""
    code = getattr(error, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_INTERRUPT
