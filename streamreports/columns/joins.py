"""What a resolved expression does to the rows of its query."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Aggregate, ForeignObjectRel, Max, Min
from django.db.models.expressions import Col
from django.db.models.sql.query import Query


def columns_in(expression: Any, *, aggregated: bool) -> Iterator[Col]:
    """Yield the columns of an expression, inside or outside its aggregates.

    Aggregates that duplicate rows do not change are left out.
    """
    if isinstance(expression, Aggregate):
        harmless = isinstance(expression, (Max, Min)) or getattr(expression, "distinct", False)
        if not aggregated or harmless:
            return
        aggregated = False  # What follows is inside.
    if isinstance(expression, Col) and not aggregated:
        yield expression
    for child in getattr(expression, "get_source_expressions", list)():
        yield from columns_in(child, aggregated=aggregated)


def to_many_joins(columns: Iterator[Col], query: Query) -> set[str]:
    """Return the first to-many join on the way to each of some columns."""
    joins = set()
    for column in columns:
        alias, found = column.alias, ""
        while parent := getattr(query.alias_map[alias], "parent_alias", None):
            if joins_many(query.alias_map[alias]):
                found = f"{parent}.{query.alias_map[alias].table_name}"
            alias = parent
        joins.add(found)
    return joins - {""}


def joins_many(join: Any) -> bool:
    """Return True if a join multiplies rows.

    The join from a generic foreign key to its object is that of a ``GenericRelation``; the join of
    a ``GenericRelation`` to its objects is that of its ``GenericRel``.
    """
    field = join.join_field
    return not field.one_to_one if isinstance(field, ForeignObjectRel) else field.many_to_many
