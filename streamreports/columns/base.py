"""A column of a report."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import F, JSONField, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.sql.query import Query
from django.utils.functional import Promise
from django.utils.hashable import make_hashable
from django.utils.text import capfirst

from streamreports.columns import lookups
from streamreports.columns.bound import BoundColumn, InstanceColumn, QueryColumn, ToManyColumn
from streamreports.columns.joins import columns_in, to_many_joins
from streamreports.columns.lookups import LookupPath
from streamreports.exceptions import ColumnError
from streamreports.values import CellFormatter


class Column:
    """Describe one column of a report.

    ``source``: a lookup path of the queryset's model or an annotation (``"carrier__name"``, to-many
    paths included), ``"get_<field>_display"``, the name of a property or method of the model, a
    query expression, or a callable that is given the model instance.

    ``label``: the header; by default the verbose names along the path, or ``short_description``.

    ``format``: a format specification in Python's sense (``"%d/%m/%Y"``, ``",.2f"``) or a callable
    that is given the value. None always prints nothing.

    ``separator``: stands between the values of a to-many path or a list.

    ``escape_formulas``: whether to escape text that a spreadsheet would execute; by default as the
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
        return f"<Column: {self.described}>"

    @property
    def described(self) -> str:
        """Return what messages call the column; a queryset is named, not run."""
        if self.name is not None:
            return repr(self.name)
        if isinstance(self.source, QuerySet):
            return f"a queryset of {self.source.model.__name__}"
        return repr(self.source) if isinstance(self.source, str) else f"'{self.source}'"

    def bind(self, queryset: QuerySet[Any]) -> BoundColumn:
        """Return what the column is in a queryset; run no query.

        Raises ``ColumnError`` where it is nothing.
        """
        source = self.source
        if type(source) is F:
            source = source.name  # type: ignore[attr-defined]
        if isinstance(source, str):
            return self._bind_path(source, queryset)
        is_expression = hasattr(source, "resolve_expression")
        if is_expression and not isinstance(source, type):
            return self._bind_expression(queryset)
        if callable(source) and not is_expression:
            name = self.name or getattr(source, "__name__", "").replace("<lambda>", "")
            label = self._label(lookups.short_description(source) or lookups.pretty(name))
            return InstanceColumn(
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
        if source in query.annotation_select:
            return self._select(source, source, queryset, lookups.pretty(source))
        if head in query.annotation_select or head in query._filtered_relations:  # type: ignore[attr-defined]
            return self._select(F(source), source, queryset, lookups.pretty(source))
        path = lookups.follow(queryset.model, source)
        beyond = lookups.is_generic(path.field) and len(path.rest) > 1
        if beyond or (path.field is None and path.attribute is None):
            raise lookups.unknown(queryset.model, source, query.annotation_select)
        if field := path.display_field:
            display = LOOKUP_SEP.join((*path.prefix, field.name))
            return self._bind_values(path, display, source, queryset, labels_of(field))
        if path.field is None or lookups.is_generic(path.field):
            return self._bind_attribute(path, source)
        return self._bind_values(path, source, source, queryset)

    def _bind_values(
        self,
        path: LookupPath,
        source: str,
        name: str,
        queryset: QuerySet[Any],
        choices: Mapping[Any, str] | None = None,
    ) -> BoundColumn:
        """Return the column of a path that ends in the database."""
        if not path.to_many:
            return self._select(source, name, queryset, path.label, choices)
        field = self._resolve(F(source), queryset)[0].output_field
        return ToManyColumn(
            name=self.name or name,
            label=self._label(path.label),
            printer=self._printer(field),
            choices=choices,
            path=path,
            source=source,
        )

    def _bind_attribute(self, path: LookupPath, source: str) -> InstanceColumn:
        """Return the column of a path that ends in a property, a method or a generic relation."""
        if path.to_many:
            raise ColumnError(
                f"{self.described} leads to several objects, and ends in a property or method.",
                "Give a callable that joins what it wants of them.",
            )
        generic = lookups.is_generic(path.field)
        if not generic and lookups.alters_data(path.attribute):
            raise ColumnError(
                f"{self.described} is a method that alters data.", "Name one that only reads."
            )
        if not generic and lookups.wants_arguments(path.model, path.rest[0]):
            raise ColumnError(
                f"{self.described} is a method that wants arguments.",
                "Give a callable that calls it with them.",
            )
        accessors = [lookups.accessor(relation) for relation in path.relations]
        return InstanceColumn(
            name=self.name or source,
            label=self._label(path.label),
            printer=self._printer(),
            function=lookups.reader_of(path),
            select_related=LOOKUP_SEP.join(path.prefix),
            prefetch_related=LOOKUP_SEP.join((*accessors, path.rest[0])) if generic else "",
        )

    # An expression

    def _bind_expression(self, queryset: QuerySet[Any]) -> QueryColumn:
        """Return the column of a query expression."""
        try:
            alias = self.source.default_alias
        except (AttributeError, TypeError):
            alias = ""
        return self._select(self.source, alias, queryset, lookups.pretty(alias))

    def _select(
        self,
        expression: Any,
        name: str,
        queryset: QuerySet[Any],
        label: str,
        choices: Mapping[Any, str] | None = None,
    ) -> QueryColumn:
        """Return the column of what the query can select."""
        given = F(expression) if isinstance(expression, str) else expression
        resolved, query = self._resolve(given, queryset)
        annotated = expression in query.annotation_select if isinstance(expression, str) else False
        if not annotated and to_many_joins(columns_in(resolved, aggregated=False), query):
            raise ColumnError(
                f"{self.described} would give several rows an object.",
                "Aggregate it, or name the to-many path by itself.",
            )
        label = self._label(label)
        return QueryColumn(
            name=self.name or name or label,
            label=label,
            printer=self._printer(resolved.output_field),
            choices=choices,
            expression=expression,
            counted=frozenset(to_many_joins(columns_in(resolved, aggregated=True), query)),
        )

    def _resolve(self, expression: Any, queryset: QuerySet[Any]) -> tuple[Any, Query]:
        """Return an expression of the queryset, resolved, and the query with its joins."""
        query = queryset.query.chain()
        try:
            resolved = expression.resolve_expression(query, allow_joins=True, summarize=False)
            resolved.output_field  # noqa: B018  It raises where types are mixed.
        except (FieldError, AttributeError) as error:
            raise ColumnError(
                f"{self.described} cannot be selected: {error}",
                "Mend its name or expression; output_field settles a doubtful type.",
            ) from error
        return resolved, query

    # What both need

    def _label(self, default: str) -> str:
        """Return the header: the label given, or one made of the default."""
        if self.label is not None:
            return str(self.label)
        default = default or lookups.pretty(self.name or "")
        if not default:
            raise ColumnError(
                f"{self.described} has no label.", 'Give it one: Column(..., label="...").'
            )
        return capfirst(default)

    def _printer(self, field: Any = None) -> CellFormatter:
        """Return the printer for values of a field, or for values of any class."""
        return CellFormatter(
            format=self.format,
            separator=self.separator,
            lists_as_json=isinstance(field, JSONField),
            escape_formulas=self.escape_formulas,
        )


def labels_of(field: Any) -> dict[Any, str]:
    """Return the labels of a field's choices, in the active language."""
    return {make_hashable(value): str(label) for value, label in field.flatchoices}
