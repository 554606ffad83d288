"""The backend for PostgreSQL."""

from streamreports.backends.base.backend import Backend
from streamreports.backends.postgresql.features import PostgresqlFeatures


class PostgresqlBackend(Backend):
    """Read reports from PostgreSQL."""

    features_class = PostgresqlFeatures
