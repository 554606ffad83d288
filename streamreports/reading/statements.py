"""The statement that reads the rows of a report, as text."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from streamreports.backends.registry import get_backend
from streamreports.formats.base import CopyOptions
from streamreports.reading.rows import RowReader


def statement_of(reader: RowReader, options: CopyOptions | None) -> str:
    """Return the statement that a reader runs, with its parameters in place.

    ``options``: how the database writes the lines of the format, if it can; for COPY this is the
    query that it contains. The result is empty if no query is needed, as for ``none()``.
    """
    if options is None or reader.why_not_copy():
        return sql_of(reader.query.records)
    return sql_of(reader.copy_queryset(options.sql))


def sql_of(queryset: QuerySet[Any]) -> str:
    """Return the SQL of a queryset; empty if it is known to have no rows."""
    connection = connections[queryset.db]
    try:
        sql, params = queryset.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return ""
    return get_backend(connection).with_params(sql, params)
