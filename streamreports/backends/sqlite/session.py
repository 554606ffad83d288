"""Read a large result from SQLite."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TypeVar

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.base.session import ReadSession, installed, separate_connection
from streamreports.backends.sqlite.features import journal_mode
from streamreports.backends.sqlite.functions import register_functions
from streamreports.backends.sqlite.scheduling import FairScheduler

T = TypeVar("T")

# It has two rows. While only the first one has been fetched, the statement holds its read lock.
UNFINISHED = "SELECT count(*) FROM sqlite_master UNION ALL SELECT 0"

# SQLite's driver releases the interpreter lock and takes it back for each row: a hundred threads
# that fetch at the same time do little else than wake each other.
scheduler = FairScheduler()
TURN_SECONDS = 0.25  # how long a fetch may take before the next one starts in parallel
SLOW_TURN_SECONDS = 0.02  # the same for a query that is known to be slow, or not known yet


class SqliteReadSession(ReadSession):
    """Read through a separate connection if SQLite has a write-ahead log.

    With the log, readers do not block others, but a connection that reads an old state cannot
    write.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        super().__init__(connection)
        self._is_slow = True  # The first fetch has the query run, up to its first row.

    @classmethod
    @contextmanager
    def open(
        cls, connection: BaseDatabaseWrapper, *, has_related_queries: bool = False
    ) -> Iterator[ReadSession]:
        """Yield a session that keeps the state of the database where it runs several queries."""
        with ExitStack() as stack:
            if not connection.in_atomic_block:  # A transaction keeps the state that it has read.
                if journal_mode(connection) == "wal":
                    connection = stack.enter_context(separate_connection(connection))
                if has_related_queries:
                    stack.enter_context(read_lock(connection))
            register_functions(connection)
            yield cls(connection)

    def fetch(self, function: Callable[[], T]) -> T:
        """Call a function when no other thread is fetching, or the other thread is slow."""

        def timed() -> T:
            started = time.monotonic()
            try:
                with installed(self.connection):
                    return function()
            finally:
                self._is_slow = time.monotonic() - started > TURN_SECONDS

        return scheduler.call(timed, SLOW_TURN_SECONDS if self._is_slow else TURN_SECONDS)

    def fetch_related(self, function: Callable[[], T]) -> T:
        """Call a function whose queries see the rows that the session sees."""
        with installed(self.connection):
            return super().fetch_related(function)

    def cancel(self) -> None:
        """Interrupt the running statement, if any; call this from another thread."""
        driver = self.connection.connection
        if driver is not None:
            driver.interrupt()


@contextmanager
def read_lock(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Hold a snapshot of the database, with or without a write-ahead log.

    The report's own statement does so only until its last row has been fetched, and the other
    queries for that row are run afterwards. A transaction would do as well, but the rest of the
    request may have to write through this connection.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        statement = connection.connection.execute(UNFINISHED)
    try:
        yield
    finally:
        with suppress(connection.Database.ProgrammingError):  # type: ignore[attr-defined]
            statement.close()  # The connection may have been closed.


@contextmanager
def read_transaction(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Open a transaction that does not lock before it writes, regardless of the settings."""
    connection.ensure_connection()
    before = connection.transaction_mode  # type: ignore[attr-defined]
    connection.transaction_mode = None  # type: ignore[attr-defined]
    try:
        with transaction.atomic(using=connection.alias, durable=True):
            connection.transaction_mode = before  # type: ignore[attr-defined]
            yield
    finally:
        connection.transaction_mode = before  # type: ignore[attr-defined]
