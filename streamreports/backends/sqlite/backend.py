"""The backend for SQLite."""

from streamreports.backends.base.backend import Backend
from streamreports.backends.sqlite.features import SqliteFeatures
from streamreports.backends.sqlite.operations import SqliteOperations
from streamreports.backends.sqlite.session import SqliteReadSession


class SqliteBackend(Backend):
    """Read reports from SQLite."""

    features_class = SqliteFeatures
    operations_class = SqliteOperations
    session_class = SqliteReadSession
