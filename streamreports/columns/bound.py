"""What a column is once bound to a queryset."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.utils.hashable import make_hashable

from streamreports.columns import lookups
from streamreports.columns.lookups import LookupPath
from streamreports.values import CellFormatter


@dataclass(frozen=True, eq=False, kw_only=True)
class BoundColumn:
    """A column that is known to exist in its queryset, with its label in the active language.

    ``name``: its key outside of the report, unique; empty if it has none.
    ``field``: the model field whose values it holds; None if Python computes them.
    ``choices``: labels that stand for values, for ``get_<field>_display``.
    """

    name: str
    label: str
    printer: CellFormatter
    field: Any = None
    choices: Mapping[Any, str] | None = None

    @property
    def described(self) -> str:
        """Return the column's name for messages, or its label if it has none."""
        return repr(self.name or self.label)

    def shown(self, value: Any) -> Any:
        """Return the label of a choice; a value outside the choices stands for itself."""
        if self.choices is None:
            return value
        return self.choices.get(make_hashable(value), value)


@dataclass(frozen=True, eq=False, kw_only=True)
class QueryColumn(BoundColumn):
    """A column that the report's own query selects: a lookup path or an expression.

    ``counted``: the to-many joins whose rows it aggregates.
    """

    expression: Any
    counted: frozenset[str] = frozenset()

    @property
    def is_path(self) -> bool:
        """Tell whether the expression is a lookup path, or the name of an annotation."""
        return isinstance(self.expression, str)


@dataclass(frozen=True, eq=False, kw_only=True)
class ToManyColumn(BoundColumn):
    """A column of many values an object, had by one query for many objects at a time."""

    path: LookupPath
    source: str

    def fetch(self, model: type[Model], using: str, keys: Sequence[Any]) -> dict[Any, list[Any]]:
        """Return the values of the objects with the given primary keys, in a stable order.

        The order is the default one of the related models, and their primary keys'.
        """
        # By another name than the source, which an ordering could take for the relation's.
        rows = self.objects(model, using).filter(pk__in=keys).annotate(_value=F(self.source))
        values: dict[Any, list[Any]] = {}
        for key, value in rows.values_list("pk", "_value"):
            values.setdefault(key, []).append(self.shown(value))
        return values

    def objects(self, model: type[Model], using: str) -> QuerySet[Any]:
        """Return all objects of a model, each as often as it has values, in the values' order."""
        return model._base_manager.using(using).order_by(*self._order())

    def _order(self) -> list[str]:
        """Return the ordering: each to-many relation in its model's order, then by key."""
        order: list[str] = []
        for end, relation in enumerate(self.path.relations, start=1):
            if lookups.is_to_many(relation):
                prefix = LOOKUP_SEP.join(self.path.prefix[:end])
                order += [prefix, prefix + LOOKUP_SEP + "pk"]
        return order


@dataclass(frozen=True, eq=False, kw_only=True)
class InstanceColumn(BoundColumn):
    """A column that Python computes from the model instance.

    ``select_related`` and ``prefetch_related``: what the function will ask of the instance.
    """

    function: Callable[[Any], object]
    select_related: str = ""
    prefetch_related: str = ""
