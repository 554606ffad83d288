"""The backend for SQLite."""

from streamreports.backends.base.backend import Backend
from streamreports.backends.sqlite.features import SqliteFeatures
from streamreports.backends.sqlite.session import SqliteReadSession


class SqliteBackend(Backend):
    """Read reports from SQLite."""

    features_class = SqliteFeatures
    session_class = SqliteReadSession
