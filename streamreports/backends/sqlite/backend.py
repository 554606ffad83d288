"""The backend for SQLite."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.db.models.expressions import Col

from streamreports.backends.base.backend import Backend
from streamreports.backends.sqlite import conversion
from streamreports.backends.sqlite.features import SqliteFeatures
from streamreports.backends.sqlite.operations import SqliteOperations
from streamreports.backends.sqlite.session import SqliteReadSession, read_transaction
from streamreports.backends.sqlite.time_limits import is_timeout, limit_statements


class SqliteBackend(Backend):
    """Read reports from SQLite."""

    features_class = SqliteFeatures
    operations_class = SqliteOperations
    session_class = SqliteReadSession
    limit_statements = staticmethod(limit_statements)
    is_timeout = staticmethod(is_timeout)

    def start_transaction(self) -> AbstractContextManager[None]:
        """Return what opens a transaction that does not lock the database."""
        return read_transaction(self.connection)

    def with_params(self, sql: str, params: Sequence[Any]) -> str:
        """Return a statement with its parameters filled in, quoted by SQLite."""
        if not params:  # Django would leave doubled percent signs.
            return super().with_params(sql, params)
        with self.connection.cursor() as cursor:
            return self.connection.ops.last_executed_query(cursor, sql, tuple(params))

    def convert(self, values: Sequence[Any], function: Any, expression: Any) -> list[Any]:
        """Return the values of a column, converted by a function of Django's or of a field."""

        def convert(value: Any) -> Any:
            return function(value, expression, self.connection)

        name, zone = conversion.name_of(function), self.connection.timezone
        if name == conversion.DATETIME_CONVERTER and zone is not None:
            return conversion.aware_datetimes(values, zone, convert)
        if name == conversion.DECIMAL_CONVERTER and isinstance(expression, Col):
            field: Any = expression.output_field
            if field.decimal_places is not None:
                return conversion.decimals(values, field, convert)
        return super().convert(values, function, expression)
