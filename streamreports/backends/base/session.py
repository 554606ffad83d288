"""What each database needs so that a long reading is one snapshot and stays out of memory."""

import time
from collections.abc import Callable, Iterator
from contextlib import (
    AbstractContextManager,
    ExitStack,
    closing,
    contextmanager,
    nullcontext,
    suppress,
)
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.sqlite.scheduling import FairScheduler

Records = list[Any]

# It reads the database, so that it holds its state.
ENDLESS = (
    "WITH RECURSIVE endless(n) AS"
    " (SELECT count(*) FROM sqlite_master UNION ALL SELECT n + 1 FROM endless)"
    " SELECT n FROM endless"
)

# SQLite's driver gives the interpreter away and takes it back for each row: a hundred threads that
# fetch at the same time do little else than wake each other.
scheduler = FairScheduler()
PATIENCE, PATIENCE_WITH_SLOW = 0.25, 0.02  # seconds that a fetch may take before the next begins


def call(function: Callable[[], Any]) -> Any:
    """Call a function as it is."""
    return function()


@dataclass(frozen=True)
class ReadSession:
    """What a report is read from: a connection, and what each fetch must go through.

    ``ask``: what other queries for the same rows must go through. ``sessions``: what MariaDB and
    MySQL call the connections of both; no other thread may ask them that.
    """

    connection: BaseDatabaseWrapper
    fetch: Callable[[Callable[[], Records]], Records] = call
    ask: Callable[[Callable[[], Any]], Any] = call
    sessions: tuple[int, ...] = ()

    def close(self) -> None:
        """Forget the rows that nobody reads any more: closing MariaDB's cursor would read them."""
        if self.sessions:
            self.connection.close()

    def cancel(self) -> None:
        """Cancel the statement that runs, if any; call this from another thread."""
        driver = self.connection.connection
        if self.connection.vendor == "mysql" and self.sessions:
            with closing(self.connection.copy()) as other, other.cursor() as cursor:
                for session in self.sessions:
                    with suppress(OperationalError):  # It has ended meanwhile.
                        cursor.execute("KILL QUERY %s", [session])
        elif self.connection.vendor == "sqlite" and driver is not None:
            driver.interrupt()
        elif self.connection.vendor == "postgresql" and driver is not None:
            getattr(driver, "cancel_safe", driver.cancel)()  # psycopg has it since 3.2.


def open_session(using: str, *, queries: bool = False) -> AbstractContextManager[ReadSession]:
    """Return the context to read one long query in.

    ``queries``: whether there are others for its rows, which are to see the same state of the
    database. A transaction that is open already serves as it is, and is left usable for others.
    """
    connection = connections[using]
    if connection.vendor == "sqlite":
        return sqlite_source(using, queries)
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        return one_transaction(using)
    if connection.vendor == "mysql" and not connection.in_atomic_block:
        return own_connection(using, queries)
    return nullcontext(ReadSession(connection))


@contextmanager
def sqlite_source(using: str, queries: bool) -> Iterator[ReadSession]:
    """Read from SQLite: where it keeps a write-ahead log, through a connection of the report's own.

    There whoever reads holds up nobody; but a connection that reads an old state cannot write.
    """
    connection = connections[using]
    with ExitStack() as stack:
        if not connection.in_atomic_block and has_write_ahead_log(connection):
            connection = stack.enter_context(copied(using))
        if queries:
            stack.enter_context(one_state(connection))
        take_turns = scheduled()
        yield ReadSession(
            connection,
            fetch=lambda function: take_turns(lambda: through(connection, function)),
            ask=lambda function: through(connection, function),
        )


def has_write_ahead_log(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether a SQLite database lets others write while it is read."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        (mode,) = connection.connection.execute("PRAGMA journal_mode").fetchone()
        return bool(mode == "wal")


@contextmanager
def one_state(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Keep the state of a SQLite database that is read, which ends with the last statement.

    The report's own statement ends with its last row, before the other queries for that row. So
    one is begun that never ends.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        endless = connection.connection.execute(ENDLESS)
    try:
        yield
    finally:
        with suppress(connection.Database.ProgrammingError):  # type: ignore[attr-defined]
            endless.close()  # Somebody may have closed the connection.


def scheduled() -> Callable[[Callable[[], Records]], Records]:
    """Return what calls a function when its turn has come.

    The first call may be one of a slow query, as is one after a call that took long: others do not
    wait long for it.
    """
    is_slow = True

    def fetch(function: Callable[[], Records]) -> Records:
        def timed() -> Records:
            nonlocal is_slow
            started = time.monotonic()
            try:
                return function()
            finally:
                is_slow = time.monotonic() - started > PATIENCE

        return scheduler.call(timed, PATIENCE_WITH_SLOW if is_slow else PATIENCE)

    return fetch


@contextmanager
def one_transaction(using: str) -> Iterator[ReadSession]:
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
        yield ReadSession(connection)


@contextmanager
def own_connection(using: str, queries: bool) -> Iterator[ReadSession]:
    """Read through a connection to MariaDB that nobody else has.

    Rows stay on the server until they are read, and until then their connection takes no other
    query. Others for these rows have one more, whose transaction is begun at the same moment.
    """
    with ExitStack() as stack:
        own = stack.enter_context(copied(using))
        other = stack.enter_context(copied(using)) if queries else own
        for each in (own, other) if queries else ():
            with each.cursor() as cursor:
                if each.mysql_is_mariadb:  # type: ignore[attr-defined]
                    # A client that pauses is not the transaction's fault.
                    cursor.execute(
                        "SET SESSION idle_transaction_timeout = 0,"
                        " idle_readonly_transaction_timeout = 0"
                    )
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        yield ReadSession(
            own,
            fetch=lambda function: through(own, lambda: unbuffered(own, function)),
            ask=(lambda function: through(other, function)) if queries else call,
            sessions=tuple({each.connection.thread_id() for each in (own, other)}),
        )


@contextmanager
def copied(using: str) -> Iterator[BaseDatabaseWrapper]:
    """Connect once more, with all that is in force on the given connection, and hang up."""
    given = connections[using]
    own = given.copy()
    own.inc_thread_sharing()  # For an end in the garbage collector's thread.
    own.execute_wrappers = given.execute_wrappers
    own.force_debug_cursor, own.queries_log = given.force_debug_cursor, given.queries_log
    try:
        own.ensure_connection()
        yield own
    finally:
        own.close()


def through(connection: BaseDatabaseWrapper, function: Callable[[], Any]) -> Any:
    """Call a function while a connection has the place of the one with the same alias."""
    given = connections[connection.alias]
    connections[connection.alias] = connection
    try:
        return function()
    finally:
        connections[connection.alias] = given


def unbuffered(connection: BaseDatabaseWrapper, function: Callable[[], Records]) -> Records:
    """Call a function whose cursors leave their rows on the server until they are read."""
    from streamreports.backends.mysql.cursors import UnbufferedCursor  # Its driver is an extra.

    connection.ensure_connection()
    driver = connection.connection
    before = driver.cursorclass
    driver.cursorclass = UnbufferedCursor
    try:
        return function()
    finally:
        driver.cursorclass = before
