"""The backend for PostgreSQL."""

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.db.models import QuerySet

from streamreports.backends.base.backend import Backend
from streamreports.backends.postgresql.copy import copy_csv
from streamreports.backends.postgresql.errors import explain_error, is_timeout
from streamreports.backends.postgresql.estimates import estimate_rows
from streamreports.backends.postgresql.features import PostgresqlFeatures
from streamreports.backends.postgresql.operations import PostgresqlOperations
from streamreports.backends.postgresql.session import PostgresqlReadSession, read_only_transaction
from streamreports.backends.postgresql.time_limits import limit_statements


class PostgresqlBackend(Backend):
    """Read reports from PostgreSQL."""

    features_class = PostgresqlFeatures
    operations_class = PostgresqlOperations
    session_class = PostgresqlReadSession
    explain_error = staticmethod(explain_error)
    limit_statements = staticmethod(limit_statements)
    is_timeout = staticmethod(is_timeout)

    def start_transaction(self) -> AbstractContextManager[None]:
        """Return a context manager for a transaction in which every query sees one snapshot."""
        return read_only_transaction(self.connection)

    def estimate_rows(self, queryset: QuerySet[Any]) -> int:
        """Return the planner's estimate of the rows of a queryset."""
        return estimate_rows(queryset)

    def copy_csv(
        self, queryset: QuerySet[Any], options: str, line_end: bytes
    ) -> Generator[tuple[int, bytes], None, None]:
        """Yield the rows of a queryset as CSV lines, written by COPY."""
        return copy_csv(self.connection, queryset, options, line_end)

    def with_params(self, sql: str, params: Sequence[Any]) -> str:
        """Return a statement with its parameters filled in, quoted by the driver."""
        return str(self.connection.ops.compose_sql(sql, params))  # type: ignore[attr-defined]
