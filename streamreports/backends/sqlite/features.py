"""Capabilities of SQLite."""

from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.base.features import Features


class SqliteFeatures(Features):
    """Capabilities of SQLite."""

    leaves_connection_free = True
    fetches_without_round_trip = True  # There is no server.
    distinguishes_case_in_choices = True
    joins_cells = True
    can_join_to_many = True

    @property
    def allows_concurrent_writes(self) -> bool:
        """Return True if other connections can write to the database while a report is read."""
        return journal_mode(self.connection) in ("wal", "memory")


def journal_mode(connection: BaseDatabaseWrapper) -> str:
    """Return the journal mode of a database, such as ``"wal"`` for a write-ahead log."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        (mode,) = connection.connection.execute("PRAGMA journal_mode").fetchone()
    return str(mode)
