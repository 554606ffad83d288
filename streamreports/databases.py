"""What each database needs so that a long reading is one snapshot and stays out of memory."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.turns import Turns

Records = list[Any]

# SQLite's driver gives the interpreter away and takes it back for each row: a hundred threads that
# fetch at the same time do little else than wake each other.
sqlite_turns = Turns(patience=0.25)

# Databases where a report that is being read leaves its connection free for other queries.
LEAVE_CONNECTION_FREE = {"mysql", "sqlite"}
# Databases where more rows cost no question to a server: it has sent them, or there is none.
FETCH_WITHOUT_ASKING = {"mysql", "sqlite"}


@dataclass(frozen=True)
class Source:
    """What a report is read from: a connection, and what each fetch must go through.

    ``session``: what MariaDB and MySQL call the connection; no other thread may ask it that.
    """

    connection: BaseDatabaseWrapper
    fetch: Callable[[Callable[[], Records]], Records] = lambda function: function()
    session: int = 0

    def cancel(self) -> None:
        """Cancel the statement that runs, if any; call this from another thread."""
        driver = self.connection.connection
        if self.connection.vendor == "mysql" and self.session:
            with closing(self.connection.copy()) as other, other.cursor() as cursor:
                cursor.execute("KILL QUERY %s", [self.session])
        elif self.connection.vendor == "sqlite" and driver is not None:
            driver.interrupt()
        elif self.connection.vendor == "postgresql" and driver is not None:
            getattr(driver, "cancel_safe", driver.cancel)()  # psycopg has it since 3.2.


def reading(using: str) -> AbstractContextManager[Source]:
    """Return the context to read one long query in.

    A transaction that is open already serves as it is, and is left usable for other queries.
    """
    connection = connections[using]
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        return one_transaction(using)
    if connection.vendor == "mysql" and not connection.in_atomic_block:
        return own_connection(using)
    if connection.vendor == "sqlite":
        return nullcontext(Source(connection, sqlite_turns.call))
    return nullcontext(Source(connection))


@contextmanager
def one_transaction(using: str) -> Iterator[Source]:
    """Read in one transaction, in which every query sees the same rows.

    It also keeps PostgreSQL from writing the whole result to a file first, as it does for the
    cursor WITH HOLD that Django opens outside of a transaction.
    """
    connection = connections[using]
    with transaction.atomic(using=using, durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # Compiling a plan of millions of rows takes as long as thousands of them.
            cursor.execute("SET LOCAL jit = off")
        yield Source(connection)


@contextmanager
def own_connection(using: str) -> Iterator[Source]:
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
        own.ensure_connection()
        yield Source(own, fetch, session=own.connection.thread_id())
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
