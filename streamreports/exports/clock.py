"""The clock of the database, which all workers share."""

from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, Expression, ExpressionWrapper, Func


class DatabaseNow(Func):
    """The current time of the database, regardless of the clock of this machine.

    Django's ``Now()`` is in the time zone of the session on MySQL and MariaDB; this is in UTC.
    """

    template = "CURRENT_TIMESTAMP"
    output_field = DateTimeField()

    def as_postgresql(self, compiler: Any, connection: Any, **kwargs: Any) -> Any:
        """Return the time of the statement: CURRENT_TIMESTAMP is that of the transaction."""
        return self.as_sql(compiler, connection, template="STATEMENT_TIMESTAMP()", **kwargs)

    def as_mysql(self, compiler: Any, connection: Any, **kwargs: Any) -> Any:
        """Return the time in UTC, with microseconds."""
        return self.as_sql(compiler, connection, template="UTC_TIMESTAMP(6)", **kwargs)

    def as_sqlite(self, compiler: Any, connection: Any, **kwargs: Any) -> Any:
        """Return the time in the format in which Django stores it, with milliseconds."""
        template = "STRFTIME('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f', 'NOW')"
        return self.as_sql(compiler, connection, template=template, **kwargs)


def in_seconds(seconds: float) -> Expression:
    """Return the time of the database plus a number of seconds."""
    return ExpressionWrapper(DatabaseNow() + timedelta(seconds=seconds), DateTimeField())
