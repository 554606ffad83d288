"""Columns that are bound to a queryset."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import (
    BooleanField,
    DecimalField,
    ExpressionWrapper,
    F,
    FloatField,
    ForeignKey,
    GeneratedField,
    IntegerField,
    Model,
    QuerySet,
)
from django.db.models.constants import LOOKUP_SEP
from django.utils.hashable import make_hashable

from streamreports.columns import lookups
from streamreports.columns.lookups import LookupPath
from streamreports.exceptions import ColumnError
from streamreports.values import CellFormatter


@dataclass(frozen=True, eq=False, kw_only=True)
class BoundColumn:
    """A column that its queryset can provide, with its label in the active language.

    ``name``: the key in formats such as JSON, and in URLs; empty if the column has no name.
    ``field``: the model field of the values; None if Python computes them.
    ``choices``: the labels by value, for ``get_<field>_display``.
    ``safe``: whether the values are safe HTML, which is not escaped.
    """

    name: str
    label: str
    printer: CellFormatter
    field: Any = None
    choices: Mapping[Any, str] | None = None
    safe: bool = False

    @property
    def described(self) -> str:
        """Return the column's name for error messages, or its label if it has no name."""
        return repr(self.name or self.label)

    def shown(self, value: Any) -> Any:
        """Return the label of a choice; a value outside the choices is returned unchanged."""
        if self.choices is None:
            return value
        return self.choices.get(make_hashable(value), value)


@dataclass(frozen=True, eq=False, kw_only=True)
class QueryColumn(BoundColumn):
    """A column that the report's own query selects: a lookup path or an expression.

    ``counted``: the to-many joins that it aggregates over.
    """

    expression: Any
    counted: frozenset[str] = frozenset()

    @property
    def is_path(self) -> bool:
        """Return True if the expression is a lookup path or the name of an annotation."""
        return isinstance(self.expression, str)


@dataclass(frozen=True, eq=False, kw_only=True)
class ToManyColumn(BoundColumn):
    """A column with several values for each object.

    ``filter`` and ``ordering``: the values to include, and their order. The default is the ordering
    of the related models, then their primary keys.
    """

    path: LookupPath
    source: str
    filter: Any = None
    ordering: tuple[Any, ...] = ()

    def fetch(self, model: type[Model], using: str, keys: Sequence[Any]) -> dict[Any, list[Any]]:
        """Return the values of the objects with the given primary keys, in order.

        If there is no object at the end of the path, there is no value, not even null, which a
        field might convert to something else.
        """
        # An alias that differs from the source, since an ordering could refer to the source.
        rows = (
            self.objects(model, using)
            .filter(pk__in=keys)
            .annotate(_value=F(self.source), _exists=F(existence_path(self.path)))
        )
        values: dict[Any, list[Any]] = {}
        for key, value, exists in rows.values_list("pk", "_value", "_exists"):
            if exists is not None:
                values.setdefault(key, []).append(self.shown(value))
        return values

    def objects(self, model: type[Model], using: str) -> QuerySet[Any]:
        """Return all objects of a model, once for each value, in the order of the values."""
        objects = model._base_manager.using(using)
        if self.filter is not None:
            # An expression, since filter() with a negated Q would exclude objects instead of
            # values.
            kept = ExpressionWrapper(self.filter, output_field=BooleanField())
            objects = objects.alias(_kept=kept).filter(_kept=True)
        return objects.order_by(*self.ordering, *self._order())

    def restricted(
        self, queryset: QuerySet[Any], filter: Any, ordering: tuple[Any, ...]
    ) -> "ToManyColumn":
        """Return the column with a filter and an ordering; raise ColumnError for invalid ones."""
        if filter is not None and not getattr(filter, "conditional", False):
            raise ColumnError(
                f"The filter of {self.described} is {filter!r}, which is not a condition.",
                "Give a Q object, or another conditional expression such as Exists().",
            )
        column = replace(self, filter=filter, ordering=ordering)
        try:
            column.objects(queryset.model, queryset.db)
            for order in ordering:  # order_by() checks only the first name of a path.
                given = F(order.removeprefix("-")) if isinstance(order, str) else order
                given.resolve_expression(queryset.query.chain(), allow_joins=True)
        except (AttributeError, FieldError, TypeError) as error:
            raise ColumnError(
                f"{self.described} cannot be filtered or ordered: {error}",
                "Name fields as seen from the queryset's model.",
            ) from error
        return column

    def _order(self) -> list[str]:
        """Return the default ordering: that of each to-many relation's model, then by key."""
        order: list[str] = []
        for end, relation in enumerate(self.path.relations, start=1):
            if lookups.is_to_many(relation):
                prefix = LOOKUP_SEP.join(self.path.prefix[:end])
                order += [prefix, prefix + LOOKUP_SEP + "pk"]
        return order


@dataclass(frozen=True, eq=False, kw_only=True)
class InstanceColumn(BoundColumn):
    """A column that Python computes from the model instance.

    ``select_related`` and ``prefetch_related``: the relations that the function will follow.
    """

    function: Callable[[Any], object]
    select_related: str = ""
    prefetch_related: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class PrefetchedColumn(InstanceColumn):
    """A column with several values for each object, read from prefetched objects."""


@dataclass(frozen=True, eq=False, kw_only=True)
class BatchColumn(BoundColumn):
    """A column that Python computes from a list of model instances."""

    function: Callable[[list[Any]], Sequence[object]]

    def values(self, instances: list[Any]) -> list[object]:
        """Return the values of the function; raise ColumnError unless there is one per instance."""
        returned = self.function(instances)
        if isinstance(returned, (str, bytes, Mapping, Set)) or not isinstance(returned, Iterable):
            raise ColumnError(
                f"The batch function of {self.described} returned a {type(returned).__name__}.",
                "Return a list with a value for each instance, in their order.",
            )
        values = list(returned)
        if len(values) != len(instances):
            raise ColumnError(
                f"The batch function of {self.described} returned {len(values)} values for"
                f" {len(instances)} instances.",
                "Return a list with a value for each instance, in their order.",
            )
        return values


def existence_path(path: LookupPath) -> str:
    """Return the path of a column that is null only if there is no object at the end of a path."""
    return LOOKUP_SEP.join((*path.prefix, path.model._meta.pk_fields[0].name))


def is_number(column: BoundColumn) -> bool:
    """Return True for a column of numbers, keys and formatted numbers included."""
    field = column.field
    while isinstance(field, (ForeignKey, GeneratedField)):
        field = field.target_field if isinstance(field, ForeignKey) else field.output_field
    return (
        isinstance(field, (DecimalField, FloatField, IntegerField))
        and column.choices is None
        and not callable(column.printer.format)
        and not isinstance(column, (PrefetchedColumn, ToManyColumn))
    )
