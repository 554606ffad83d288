"""Load the relations of the instances that functions receive, a chunk at a time."""

import weakref
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP

from streamreports.columns import lookups
from streamreports.columns.bound import BoundColumn, InstanceColumn, QueryColumn, ToManyColumn

FETCH_ONE: Any = getattr(models, "FETCH_ONE", None)
FETCH_PEERS: Any = getattr(models, "FETCH_PEERS", None)  # Django 6.1 and later


def named_relations(
    queryset: QuerySet[Any], columns: Sequence[BoundColumn]
) -> tuple[list[str], list[str]]:
    """Return the relations named by columns: those to select, and those to prefetch.

    Functions often follow the relations of other columns.
    """
    select: dict[str, None] = {}
    prefetch: dict[str, None] = {}
    for column in columns:
        if isinstance(column, ToManyColumn):
            names = [lookups.accessor(relation) for relation in column.path.relations]
            prefetch[LOOKUP_SEP.join(names)] = None
        elif relation := to_one_relation(queryset, column):
            select[relation] = None
        if isinstance(column, InstanceColumn) and column.prefetch_related:
            prefetch[column.prefetch_related] = None
    return list(select), list(prefetch)


def to_one_relation(queryset: QuerySet[Any], column: BoundColumn) -> str:
    """Return the path of the object whose field a column contains; "" for the row itself."""
    if isinstance(column, InstanceColumn):
        return column.select_related
    if not isinstance(column, QueryColumn) or not column.is_path:
        return ""
    if column.expression in queryset.query.annotation_select:
        return ""
    return LOOKUP_SEP.join(lookups.follow(queryset.model, column.expression).prefix)


def has_peers(queryset: QuerySet[Any]) -> bool:
    """Return True if the instances of a chunk fetch their missing relations together."""
    mode = getattr(queryset, "_fetch_mode", None)
    return FETCH_PEERS is not None and mode in (FETCH_ONE, FETCH_PEERS)


def without_own_peers(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Return a queryset whose instances have no peers yet.

    With iterator(), Django's list of peers begins with one instance and grows until the end.
    """
    return queryset.fetch_mode(FETCH_ONE) if has_peers(queryset) else queryset


def make_peers(instances: Sequence[Model], selected: Any) -> None:
    """Make instances peers of each other, and likewise the related objects selected with them.

    ``selected``: the ``select_related`` of the query, with a nested dictionary for each relation.
    ``_state.peers`` and ``_state.fetch_mode`` are private to Django; a test guards them.
    """
    peers = [weakref.ref(instance) for instance in instances]
    for instance in instances:
        instance._state.peers = peers
        instance._state.fetch_mode = FETCH_PEERS
    if instances and isinstance(selected, dict):
        for name, nested in selected.items():
            make_peers(list(related_objects(instances, name)), nested)


def related_objects(instances: Sequence[Model], name: str) -> Iterator[Model]:
    """Yield the objects already loaded for a to-one relation of instances."""
    try:
        field = instances[0]._meta.get_field(name)
    except FieldDoesNotExist:  # the name of a FilteredRelation
        return
    for instance in instances:
        related = field.get_cached_value(instance, default=None)  # type: ignore[union-attr]
        if related is not None:
            yield related
