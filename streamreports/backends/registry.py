"""The registry of backends by vendor."""

from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.base.backend import Backend
from streamreports.backends.base.errors import explain
from streamreports.backends.mysql.backend import MysqlBackend
from streamreports.backends.postgresql.backend import PostgresqlBackend
from streamreports.backends.sqlite.backend import SqliteBackend

_backends: dict[str, type[Backend]] = {
    "mysql": MysqlBackend,
    "postgresql": PostgresqlBackend,
    "sqlite": SqliteBackend,
}


def register_backend(vendor: str, backend: type[Backend]) -> None:
    """Use a backend for the connections of a vendor."""
    _backends[vendor] = backend


def get_backend(connection: BaseDatabaseWrapper) -> Backend:
    """Return the backend of a connection; the base backend if its vendor is not registered."""
    return _backends.get(connection.vendor, Backend)(connection)


def explain_error(exception: BaseException) -> str:
    """Return why a database ended a report, and how to avoid it; "" if unknown."""
    return explain(exception, (backend.explain_error for backend in _backends.values()))
