"""What each database needs so that a long reading is one snapshot and stays out of memory."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Records = list[Any]
Fetch = Callable[[Callable[[], Records]], Records]

# Databases where a report that is being read leaves its connection free for other queries.
LEAVE_CONNECTION_FREE = {"mysql", "sqlite"}


def reading(using: str) -> AbstractContextManager[Fetch]:
    """Return the context to read one long query in; it gives what each fetch must go through.

    A transaction that is open already serves as it is, and is left usable for other queries.
    """
    connection = connections[using]
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        return one_transaction(using)
    if connection.vendor == "mysql" and not connection.in_atomic_block:
        return own_connection(using)
    return nullcontext(lambda function: function())


@contextmanager
def one_transaction(using: str) -> Iterator[Fetch]:
    """Read in one transaction, in which every query sees the same rows.

    It also keeps PostgreSQL from writing the whole result to a file first, as it does for the
    cursor WITH HOLD that Django opens outside of a transaction.
    """
    with transaction.atomic(using=using, durable=True):
        with connections[using].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # Compiling a plan of millions of rows takes as long as thousands of them.
            cursor.execute("SET LOCAL jit = off")
        yield lambda function: function()


@contextmanager
def own_connection(using: str) -> Iterator[Fetch]:
    """Read through a connection of MariaDB's that nobody else has.

    Rows stay on the server until they are read, and until then their connection takes no other
    query. Closing it forgets the rest at once, where closing a cursor reads it to the end.
    """
    given = connections[using]
    own = given.copy()
    own.inc_thread_sharing()  # For an end in the garbage collector's thread.
    own.execute_wrappers = given.execute_wrappers
    own.force_debug_cursor, own.queries_log = given.force_debug_cursor, given.queries_log

    def fetch(function: Callable[[], Records]) -> Records:
        others = connections[using]
        connections[using] = own
        try:
            return unbuffered(own, function)
        finally:
            connections[using] = others

    try:
        yield fetch
    finally:
        own.close()


def unbuffered(connection: BaseDatabaseWrapper, function: Callable[[], Records]) -> Records:
    """Call a function whose cursors leave their rows on the server until they are read."""
    from streamreports.mysql import UnbufferedCursor  # Its driver is an extra.

    connection.ensure_connection()
    driver = connection.connection
    before = driver.cursorclass
    driver.cursorclass = UnbufferedCursor
    try:
        return function()
    finally:
        driver.cursorclass = before
