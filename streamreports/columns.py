"""A column of a report, and what it is once bound to a queryset."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import F, JSONField, Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.utils.functional import Promise
from django.utils.text import capfirst

from streamreports import paths
from streamreports.exceptions import ColumnError
from streamreports.paths import Path
from streamreports.text import Printer


@dataclass(frozen=True, eq=False, kw_only=True)
class BoundColumn:
    """A column that is known to exist in its queryset, with its label in the active language.

    ``choices``: labels that stand for values, for ``get_<field>_display``.
    """

    name: str
    label: str
    printer: Printer
    choices: Mapping[Any, str] | None = None

    def shown(self, value: Any) -> Any:
        """Return the label of a choice; a value outside the choices stands for itself."""
        if self.choices is None:
            return value
        try:
            return self.choices.get(value, value)
        except TypeError:  # A list, from a field of several choices.
            return [self.shown(item) for item in value]


@dataclass(frozen=True, eq=False, kw_only=True)
class SelectedColumn(BoundColumn):
    """A column that the report's own query selects: a lookup path or an expression."""

    expression: Any

    @property
    def is_path(self) -> bool:
        """Tell whether the expression is a lookup path, or the name of an annotation."""
        return isinstance(self.expression, str)


@dataclass(frozen=True, eq=False, kw_only=True)
class JoinedColumn(BoundColumn):
    """A column of many values an object, had by one query for many objects at a time."""

    path: Path
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
            if paths.is_to_many(relation):
                prefix = LOOKUP_SEP.join(self.path.prefix[:end])
                order += [prefix, prefix + LOOKUP_SEP + "pk"]
        return order


@dataclass(frozen=True, eq=False, kw_only=True)
class ComputedColumn(BoundColumn):
    """A column that Python computes from the model instance.

    ``select_related`` and ``prefetch_related``: what the function will ask of the instance.
    """

    function: Callable[[Any], object]
    select_related: str = ""
    prefetch_related: str = ""


class Column:
    """Describe one column of a report.

    ``source``: a lookup path of the queryset's model or an annotation (``"carrier__name"``, to-many
    paths included), ``"get_<field>_display"``, the name of a property or method of the model, a
    query expression, or a callable that is given the model instance.

    ``label``: the header; by default the verbose names along the path, or ``short_description``.

    ``format``: a format specification in Python's sense (``"%d/%m/%Y"``, ``",.2f"``) or a callable
    that is given the value. None always prints nothing.

    ``separator``: stands between the values of a to-many path or a list.

    ``escape_formulas``: whether to defuse texts that a spreadsheet would run; by default as the
    format says.

    ``name``: what the column is called in messages; by default the source.
    """

    def __init__(
        self,
        source: Any,
        label: str | Promise | None = None,
        *,
        format: str | Callable[[Any], object] | None = None,
        separator: str = ", ",
        escape_formulas: bool | None = None,
        name: str | None = None,
    ) -> None:
        self.source = source
        self.label = label
        self.format = format
        self.separator = separator
        self.escape_formulas = escape_formulas
        self.name = name

    def __repr__(self) -> str:
        return f"<Column: {self.name or self.source!r}>"

    def bind(self, queryset: QuerySet[Any]) -> BoundColumn:
        """Return what the column is in a queryset; run no query.

        Raises ``ColumnError`` where it is nothing.
        """
        source = self.source
        if type(source) is F:
            source = source.name  # type: ignore[attr-defined]
        if isinstance(source, str):
            return self._bind_path(source, queryset)
        if hasattr(source, "resolve_expression"):
            return self._bind_expression(queryset)
        if callable(source):
            name = self.name or getattr(source, "__name__", "").replace("<lambda>", "")
            label = self._label(paths.short_description(source) or name)
            return ComputedColumn(
                name=name or label, label=label, printer=self._printer(), function=source
            )
        raise ColumnError(
            f"{source!r} cannot be a column.",
            "Give a lookup path, an expression, the name of a property or method, or a callable.",
        )

    # A path

    def _bind_path(self, source: str, queryset: QuerySet[Any]) -> BoundColumn:
        """Return the column of a lookup path, an annotation, a property or a method."""
        query = queryset.query
        head = source.split(LOOKUP_SEP)[0]
        name = self.name or source
        if head in query.annotation_select or head in query._filtered_relations:  # type: ignore[attr-defined]
            field = self._resolve(F(source), queryset)
            label = self._label(source.replace(LOOKUP_SEP, " "))
            return SelectedColumn(
                name=name, label=label, printer=self._printer(field), expression=source
            )
        path = paths.follow(queryset.model, source)
        if path.field is None and path.attribute is None:
            raise paths.unknown(queryset.model, source, query.annotation_select)
        label = self._label(path.label)
        if field := path.display_field:
            display = LOOKUP_SEP.join((*path.prefix, field.name))
            return self._bind_values(path, display, name, label, field, labels_of(field))
        if path.field is not None and not paths.is_generic(path.field):
            field = self._resolve(F(source), queryset)
            return self._bind_values(path, source, name, label, field)
        if path.field is not None and len(path.rest) == 1 and not path.relations:
            return self._bind_attribute(path, name, label, prefetch_related=source)
        return self._bind_attribute(path, name, label)

    def _bind_values(
        self,
        path: Path,
        source: str,
        name: str,
        label: str,
        field: Any,
        choices: Mapping[Any, str] | None = None,
    ) -> BoundColumn:
        """Return the column of a path that ends in the database."""
        printer = self._printer(field)
        if path.to_many:
            return JoinedColumn(
                name=name, label=label, printer=printer, choices=choices, path=path, source=source
            )
        return SelectedColumn(
            name=name, label=label, printer=printer, choices=choices, expression=source
        )

    def _bind_attribute(
        self, path: Path, name: str, label: str, prefetch_related: str = ""
    ) -> ComputedColumn:
        """Return the column of a path that ends in a property or method."""
        if path.to_many:
            raise ColumnError(
                f"'{name}' leads to several objects, and ends in a property or method.",
                "Give a callable that joins what it wants of them.",
            )
        if paths.alters_data(path.attribute):
            raise ColumnError(
                f"'{name}' is a method that alters data.", "Name one that only reads."
            )
        return ComputedColumn(
            name=name,
            label=label,
            printer=self._printer(),
            function=paths.reader_of(path),
            select_related=LOOKUP_SEP.join(path.prefix),
            prefetch_related=prefetch_related,
        )

    # An expression

    def _bind_expression(self, queryset: QuerySet[Any]) -> SelectedColumn:
        """Return the column of a query expression."""
        try:
            alias = self.source.default_alias
        except (AttributeError, TypeError):
            alias = ""
        field = self._resolve(self.source, queryset)
        label = self._label(alias.replace(LOOKUP_SEP, " "))
        return SelectedColumn(
            name=self.name or alias or label,
            label=label,
            printer=self._printer(field),
            expression=self.source,
        )

    def _resolve(self, expression: Any, queryset: QuerySet[Any]) -> Any:
        """Return the output field of an expression of the queryset."""
        query = queryset.query.chain()
        joins = set(query.alias_map)
        try:
            resolved = expression.resolve_expression(query, allow_joins=True, summarize=False)
            field = resolved.output_field
        except (FieldError, AttributeError) as error:
            raise ColumnError(
                f"'{self.name or self.source}' cannot be selected: {error}",
                "Mend its name or expression; output_field settles a doubtful type.",
            ) from error
        multiplied = any(
            getattr(query.alias_map[alias], "join_field", None) is not None
            and paths.is_to_many(query.alias_map[alias].join_field)  # type: ignore[union-attr]
            for alias in set(query.alias_map) - joins
        )
        if multiplied and type(expression) is not F and not resolved.contains_aggregate:
            raise ColumnError(
                f"'{self.name or self.source}' would give several rows an object.",
                "Aggregate it, or name the to-many path by itself.",
            )
        return field

    # What both need

    def _label(self, default: str) -> str:
        """Return the header: the label given, or one made of the default."""
        if self.label is not None:
            return str(self.label)
        if not default:
            raise ColumnError(
                f"'{self.name or self.source}' has no label.",
                'Give it one: Column(..., label="...").',
            )
        return capfirst(paths.pretty(default))

    def _printer(self, field: Any = None) -> Printer:
        """Return the printer for values of a field, or for values of any class."""
        return Printer(
            format=self.format,
            separator=self.separator,
            lists_as_json=isinstance(field, JSONField),
            escape_formulas=self.escape_formulas,
        )


def labels_of(field: Any) -> dict[Any, str]:
    """Return the labels of a field's choices, in the active language."""
    return {value: str(label) for value, label in field.flatchoices}
