"""The backend for MariaDB and MySQL."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from streamreports.backends.base.backend import Backend
from streamreports.backends.mysql.errors import explain_error, is_timeout
from streamreports.backends.mysql.estimates import estimate_rows
from streamreports.backends.mysql.features import MysqlFeatures
from streamreports.backends.mysql.operations import MysqlOperations
from streamreports.backends.mysql.session import MysqlReadSession
from streamreports.backends.mysql.time_limits import limit_statements


class MysqlBackend(Backend):
    """Read reports from MariaDB and MySQL."""

    features_class = MysqlFeatures
    operations_class = MysqlOperations
    session_class = MysqlReadSession
    explain_error = staticmethod(explain_error)
    limit_statements = staticmethod(limit_statements)
    is_timeout = staticmethod(is_timeout)

    def estimate_rows(self, queryset: QuerySet[Any]) -> int | None:
        """Return how many rows the planner expects of a queryset; None if it cannot tell."""
        return estimate_rows(self.connection, queryset)

    def with_params(self, sql: str, params: Sequence[Any]) -> str:
        """Return a statement with its parameters in place, quoted by the driver."""
        with self.connection.cursor() as cursor:
            return str(cursor.mogrify(sql, params))
