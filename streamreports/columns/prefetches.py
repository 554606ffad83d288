"""To-many columns whose relation is prefetched with a custom queryset."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, Prefetch, QuerySet
from django.db.models.constants import LOOKUP_SEP

from streamreports.columns import attributes, lookups
from streamreports.columns.bound import BoundColumn, PrefetchedColumn, ToManyColumn
from streamreports.exceptions import ColumnError


def follow_prefetch(column: BoundColumn, queryset: QuerySet[Any]) -> BoundColumn:
    """Return a column that reads the prefetched objects, if a Prefetch filters or orders them.

    Otherwise its values would be inconsistent with the objects that the functions of other columns
    see.
    """
    if not isinstance(column, ToManyColumn):
        return column
    accessors = [lookups.accessor(relation) for relation in column.path.relations]
    lookup = find_prefetch(queryset, accessors)
    if lookup is None:
        return column
    if column.filter is not None or column.ordering:
        raise ColumnError(
            f"{column.described} has a filter or an ordering, but its relation is prefetched with"
            " a queryset of its own.",
            f"Put them into the queryset of Prefetch({lookup!r}), or give that a to_attr.",
        )
    names = column.source.split(LOOKUP_SEP)[len(accessors) :]
    if len(names) > 1:
        raise ColumnError(
            f"{column.described} is read from prefetched objects, which cannot transform a value.",
            f"Name the field, or give Prefetch({lookup!r}) a to_attr.",
        )
    field = (
        attributes.find_field(column.path.model, names[0]) if names else column.path.model._meta.pk
    )
    return PrefetchedColumn(
        name=column.name,
        label=column.label,
        printer=column.printer,
        field=column.field,
        choices=column.choices,
        safe=column.safe,
        function=reader(column.path.relations, getattr(field, "attname", "pk"), column.shown),
        prefetch_related=LOOKUP_SEP.join(accessors),
    )


def find_prefetch(queryset: QuerySet[Any], accessors: Sequence[str]) -> str | None:
    """Return the first lookup along a path that is prefetched with a custom queryset."""
    along = {LOOKUP_SEP.join(accessors[:end]) for end in range(1, len(accessors) + 1)}
    for lookup in queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
        if isinstance(lookup, Prefetch) and lookup.queryset is not None:
            path: str = lookup.prefetch_to
            if path in along:  # With a to_attr, the path differs.
                return path
    return None


def reader(
    relations: Iterable[Any], attribute: str, shown: Callable[[Any], Any]
) -> Callable[[Model], list[Any]]:
    """Return the function that lists an attribute of all objects at the end of some relations."""

    def read(instance: Model) -> list[Any]:
        objects = [instance]
        for relation in relations:
            objects = [found for each in objects for found in related_objects(each, relation)]
        return [shown(getattr(each, attribute)) for each in objects]

    return read


def related_objects(instance: Model, relation: Any) -> Iterator[Model]:
    """Yield the objects that a relation of an instance leads to."""
    try:
        related = getattr(instance, lookups.accessor(relation))
    except ObjectDoesNotExist:  # a reverse one-to-one relation
        return
    if lookups.is_to_many(relation):
        yield from related.all()
    elif related is not None:
        yield related
