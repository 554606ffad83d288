"""How each column of a report is read."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections
from django.db.models import QuerySet

from streamreports.backends.registry import get_backend
from streamreports.columns.bound import BatchColumn, BoundColumn, InstanceColumn, PrefetchedColumn
from streamreports.formats.base import Wants
from streamreports.reading.json_lines import JsonPlanner, NativePlanner
from streamreports.reading.planner import ColumnPlan, Planner
from streamreports.values import JsonOptions, TextOptions


def make_plans(
    queryset: QuerySet[Any], columns: Sequence[BoundColumn], options: TextOptions, wants: Wants
) -> Mapping[BoundColumn, ColumnPlan]:
    """Return how the database prints each column, or why it does not, in the current time zone.

    ``wants``: the type of cells that the format requires.
    """
    if combinator := queryset.query.combinator:
        plan = ColumnPlan(reason=f"the queryset is made by {combinator}()")
        return dict.fromkeys(columns, plan)
    planner = create_planner(queryset, columns, options, wants)
    plans = {column: planner.of(column) for column in columns}
    for column in columns:
        if isinstance(column, PrefetchedColumn):
            plans[column] = ColumnPlan(reason="its objects are prefetched by a queryset")
    return plans


def create_planner(
    queryset: QuerySet[Any], columns: Sequence[BoundColumn], options: TextOptions, wants: Wants
) -> Planner:
    """Return the planner, which decides how each column is read."""
    if wants == "text":
        instances = any(isinstance(column, (InstanceColumn, BatchColumn)) for column in columns)
        return Planner(queryset, options, instances=instances)
    features = get_backend(connections[queryset.db]).features
    if isinstance(options, JsonOptions) and features.can_copy_csv:
        return JsonPlanner(queryset, options)
    return NativePlanner(queryset, options)
