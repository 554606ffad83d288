"""The backend for PostgreSQL."""

from collections.abc import Generator
from typing import Any

from django.db.models import QuerySet

from streamreports.backends.base.backend import Backend
from streamreports.backends.postgresql.copy import copy_csv
from streamreports.backends.postgresql.errors import explain_error
from streamreports.backends.postgresql.features import PostgresqlFeatures
from streamreports.backends.postgresql.operations import PostgresqlOperations
from streamreports.backends.postgresql.session import PostgresqlReadSession


class PostgresqlBackend(Backend):
    """Read reports from PostgreSQL."""

    features_class = PostgresqlFeatures
    operations_class = PostgresqlOperations
    session_class = PostgresqlReadSession
    explain_error = staticmethod(explain_error)

    def copy_csv(
        self, queryset: QuerySet[Any], options: str, line_end: bytes
    ) -> Generator[tuple[int, bytes], None, None]:
        """Yield the rows of a queryset as CSV lines, written by COPY."""
        return copy_csv(self.connection, queryset, options, line_end)
