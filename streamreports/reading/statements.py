"""The statement that reads the rows of a report, as text."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from streamreports.backends.registry import get_backend
from streamreports.formats.base import CopyOptions
from streamreports.reading.rows import RowReader


def statement_of(reader: RowReader, options: CopyOptions | None) -> str:
    """Return the statement that a reader runs, with its parameters filled in.

    ``options``: the options with which the database writes the lines of the format, if it can. For
    COPY, the result is the query inside it. It is empty if no query is needed, as for ``none()``.
    """
    if options is None or reader.why_not_copy():
        return sql_of(reader.query.records)
    return sql_of(reader.copy_queryset(options.sql))


def sql_of(queryset: QuerySet[Any]) -> str:
    """Return the SQL of a queryset; empty if the queryset is known to be empty."""
    connection = connections[queryset.db]
    try:
        sql, params = queryset.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return ""
    return get_backend(connection).with_params(sql, params)
