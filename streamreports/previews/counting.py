"""Estimate the number of rows of a report without counting a large table."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.db.models.sql.datastructures import Join

from streamreports.backends.registry import get_backend
from streamreports.columns.joins import joins_many
from streamreports.previews.figures import RowCount
from streamreports.reading.query import is_grouped
from streamreports.reports import Report

COUNTED_ROWS = 100_000  # rows: some hundredths of a second for most databases


def count_rows(report: Report, limit: int = COUNTED_ROWS) -> RowCount:
    """Return the number of rows of a report.

    The number is exact up to ``limit``, where the database stops counting. For more rows, it is the
    estimate of the query planner if that exceeds the limit; otherwise, the limit is a lower bound.
    """
    records = simplified(report.records)
    number = records[: limit + 1].count()
    if number <= limit:
        return RowCount(number)
    estimate = get_backend(connections[records.db]).estimate_rows(records)
    if estimate is None or estimate <= limit:
        return RowCount(limit, is_exact=False, is_lower_bound=True)
    return RowCount(estimate, is_exact=False)


def simplified(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Return a queryset of as many rows, without what the planner of a database estimates worse.

    This is also faster: what is only counted need not be sorted.
    """
    simple = queryset.order_by() if ignores_ordering(queryset) else queryset.all()
    simple.query.select_related = False
    return simple


def ignores_ordering(queryset: QuerySet[Any]) -> bool:
    """Return True if a queryset has as many rows without its ordering.

    Ordering by a to-many relation multiplies rows; other orderings add columns to those that make
    rows different, or groups.
    """
    query = queryset.query
    is_group = query.group_by is not None and is_grouped(queryset)
    if query.is_sliced or query.distinct or is_group:
        return False
    ordered = query.chain()
    try:
        ordered.get_compiler(using=queryset.db).as_sql()  # This joins what the ordering names.
    except EmptyResultSet:
        return False
    joins = [join for alias, join in ordered.alias_map.items() if alias not in query.alias_map]
    return not any(joins_many(join) for join in joins if isinstance(join, Join))
