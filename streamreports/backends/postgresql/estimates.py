"""Estimates of the query planner of PostgreSQL."""

import json
from typing import Any

from django.db.models import QuerySet


def estimate_rows(queryset: QuerySet[Any]) -> int:
    """Return the planner's estimate of the rows of a queryset."""
    explained = queryset.explain(format="json")
    if not explained:  # Django knows that the result is empty.
        return 0
    (plan,) = json.loads(explained)
    return int(plan["Plan"]["Plan Rows"])
