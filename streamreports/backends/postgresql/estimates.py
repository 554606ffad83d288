"""What the planner of PostgreSQL expects."""

import json
from typing import Any

from django.db.models import QuerySet


def estimate_rows(queryset: QuerySet[Any]) -> int:
    """Return how many rows the planner expects of a queryset."""
    explained = queryset.explain(format="json")
    if not explained:  # Django knows that there are none.
        return 0
    (plan,) = json.loads(explained)
    return int(plan["Plan"]["Plan Rows"])
