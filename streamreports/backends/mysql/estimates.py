"""Estimates of the query planner of MariaDB and MySQL."""

import math
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet


def estimate_rows(connection: BaseDatabaseWrapper, queryset: QuerySet[Any]) -> int | None:
    """Return the planner's estimate of the rows of a queryset; None if there is none.

    The planner estimates the rows read from each table, but not the number of groups or distinct
    rows.
    """
    query = queryset.query
    if query.combinator or query.distinct or query.is_sliced or query.group_by is not None:
        return None
    try:
        tables = explain(connection, queryset)
    except EmptyResultSet:
        return 0
    tables = [table for table in tables if table["select_type"] in ("SIMPLE", "PRIMARY")]
    if not all(map(is_estimated, tables)):
        return None
    return round(math.prod(int(table["rows"]) * float(table["filtered"]) / 100 for table in tables))


def explain(connection: BaseDatabaseWrapper, queryset: QuerySet[Any]) -> list[dict[str, Any]]:
    """Return the output of EXPLAIN for each table that a queryset reads."""
    # Both options show the estimated percentage of rows that match the conditions.
    is_mariadb = connection.mysql_is_mariadb  # type: ignore[attr-defined]
    option = "EXTENDED" if is_mariadb else "FORMAT=TRADITIONAL"
    sql, params = queryset.query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {option} {sql}", params)
        names = [name for name, *_ in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def is_estimated(table: dict[str, Any]) -> bool:
    """Return True if the planner has estimated the conditions for a table.

    Without an index or statistics, it assumes that all rows match.
    """
    if table["rows"] is None or table["filtered"] is None:
        return False
    reads_all = table["type"] in ("ALL", "index") and float(table["filtered"]) == 100  # percent
    return not (reads_all and "Using where" in (table["Extra"] or ""))
