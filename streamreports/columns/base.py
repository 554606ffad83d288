"""A column of a report."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import F, JSONField, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.sql.query import Query
from django.utils.functional import Promise
from django.utils.text import capfirst

from streamreports.columns import attributes, lookups
from streamreports.columns.bound import (
    BatchColumn,
    BoundColumn,
    InstanceColumn,
    QueryColumn,
    ToManyColumn,
)
from streamreports.columns.joins import columns_in, to_many_joins
from streamreports.columns.lookups import LookupPath
from streamreports.columns.suggestions import cure_of, leads_somewhere, unknown_name
from streamreports.exceptions import ColumnError
from streamreports.values import CellFormatter

NAME = re.compile(r"[\w-]+")


class Column:
    """Describe one column of a report.

    ``source``: a lookup path of the queryset's model or an annotation (``"carrier__name"``, to-many
    paths included), ``"get_<field>_display"``, the name of a property or method of the model, a
    query expression, or a callable that is given the model instance. A path may go on after a
    property, a method, a generic foreign key or a file field (``"image__url"``). A property or
    method wins over a reverse relation of the same name.

    ``label``: the header; by default the verbose names along the path, or ``short_description``.

    ``format``: a format specification in Python's sense (``"%d/%m/%Y"``, ``",.2f"``; it may be a
    lazy translation) or a callable that is given the value. None always prints nothing.

    ``separator``: the text between the values of a to-many path or a list.

    ``escape_formulas``: whether to escape text that a spreadsheet would execute; None leaves it to
    the format of the file.

    ``name``: letters, digits, ``_`` and ``-``: the key of the column in JSON and in URLs. By
    default the source, or the name of the function; lambdas and most expressions have none.

    ``batch``: instead of a source, a callable that is given a list of model instances (those of a
    chunk) and returns a value for each, for what another service or database knows.

    ``filter`` and ``ordering``: which values of a to-many path are listed, and in which order, as
    in Django's aggregates: a ``Q`` object or another condition, and one or more names or
    expressions, all seen from the queryset's model (``Column("lines__title",
    filter=Q(lines__status="shipped"), ordering="-lines__quantity")``). The default order, which
    also decides between equal values, is that of ``Meta.ordering`` of each related model, then its
    primary key. Null values are left out.

    A subclass sets ``label``, ``format``, ``separator`` and ``escape_formulas`` as class
    attributes, or overrides ``get_label()`` and ``format_value()``.
    """

    label: str | Promise | None = None
    format: str | Promise | Callable[[Any], object] | None = None
    separator: str = ", "
    escape_formulas: bool | None = None

    def __init__(
        self,
        source: Any = None,
        label: str | Promise | None = None,
        *,
        format: str | Promise | Callable[[Any], object] | None = None,
        separator: str | None = None,
        escape_formulas: bool | None = None,
        name: str | None = None,
        batch: Callable[[list[Any]], Sequence[object]] | None = None,
        filter: Any = None,
        ordering: Any = (),
    ) -> None:
        self.source = source
        self.name = name
        self.batch = batch
        self.filter = filter
        self.ordering = ordering if isinstance(ordering, (list, tuple)) else (ordering,)
        if label is not None:
            self.label = label
        if format is not None:
            self.format = format
        if separator is not None:
            self.separator = separator
        if escape_formulas is not None:
            self.escape_formulas = escape_formulas

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.described}>"

    @property
    def described(self) -> str:
        """Return the column's name for messages; the repr of a queryset would run it."""
        if self.name is not None:
            return repr(self.name)
        if self.source is None and self.batch is not None:
            return f"'{getattr(self.batch, '__name__', self.batch)}'"
        if isinstance(self.source, QuerySet):
            return f"a queryset of {self.source.model.__name__}"
        return repr(self.source) if isinstance(self.source, str) else f"'{self.source}'"

    def get_label(self, default: str) -> str:
        """Return the header: the label, or a default made of verbose names or of the source.

        ``default`` is empty for a source that has no name.
        """
        if self.label is not None:
            return str(self.label)
        if not default:
            raise ColumnError(
                f"{self.described} has no label.", 'Give it one: Column(..., label="...").'
            )
        return capfirst(default)

    def format_value(self, value: Any) -> object:
        """Return what is printed for a value, which is never None.

        The result prints like any value of its class. A format specification that does not fit
        the value leaves it as it is.
        """
        if callable(self.format):
            return self.format(value)
        try:
            return value if self.format is None else format(value, str(self.format))
        except (TypeError, ValueError, OverflowError):
            return value

    def bind(self, queryset: QuerySet[Any]) -> BoundColumn:
        """Return the column as the queryset provides it; run no query.

        Raises ``ColumnError`` if the queryset cannot provide the column.
        """
        if self.name is not None and not (isinstance(self.name, str) and NAME.fullmatch(self.name)):
            raise ColumnError(
                f"A column has the name {self.name!r}.",
                "Use letters, digits, '_' and '-' only; the header is its label.",
            )
        bound = self._bind(queryset)
        if self.filter is None and not self.ordering:
            return bound
        if not isinstance(bound, ToManyColumn):
            raise ColumnError(
                f"{self.described} has a filter or an ordering, but is not a to-many path.",
                "Remove them; the rows are those of the queryset.",
            )
        return bound.restricted(queryset, self.filter, tuple(self.ordering))

    def _bind(self, queryset: QuerySet[Any]) -> BoundColumn:
        """Return what the source or the batch function is in a queryset."""
        if self.batch is not None:
            return self._bind_batch(self.batch)
        source = self.source
        if type(source) is F:
            source = source.name  # type: ignore[attr-defined]
        if isinstance(source, str):
            return self._bind_path(source, queryset)
        is_expression = hasattr(source, "resolve_expression")
        if is_expression and not isinstance(source, type):
            return self._bind_expression(queryset)
        if callable(source) and not is_expression:
            return self._bind_callable(source)
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
        if not leads_somewhere(path):
            raise unknown_name(queryset.model, source, query.annotation_select)
        if field := path.display_field:
            display = LOOKUP_SEP.join((*path.prefix, field.name))
            return self._bind_values(path, display, source, queryset, lookups.labels_of(field))
        if path.reads_instance:
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
            name=self._name(name),
            label=self._label(path.label),
            printer=self._printer(field),
            field=field,
            choices=choices,
            path=path,
            source=source,
        )

    def _bind_attribute(self, path: LookupPath, source: str) -> InstanceColumn:
        """Return the column of a path along which instances are read."""
        if path.to_many:
            raise ColumnError(
                f"{self.described} leads to several objects, and ends in a property or method.",
                "Give a callable that returns a list; its values are joined.",
            )
        attribute, first = path.attribute, path.rest[:1]
        if attribute and attributes.alters_data(attribute):
            raise ColumnError(
                f"{self.described} is a method that alters data.",
                "Name a method that only reads.",
            )
        if attribute and attributes.requires_arguments(path.model, *first):
            raise ColumnError(
                f"{self.described} is a method that requires arguments.",
                "Give a callable that calls it with them.",
            )
        relations = [lookups.accessor(relation) for relation in path.relations]
        is_generic = lookups.is_generic(path.field)
        return InstanceColumn(
            name=self._name(source),
            label=self._label(path.label),
            printer=self._printer(),
            function=attributes.reader(relations, path.rest),
            select_related=LOOKUP_SEP.join(path.prefix),
            prefetch_related=LOOKUP_SEP.join((*relations, *first)) if is_generic else "",
        )

    # A callable

    def _bind_callable(self, function: Callable[[Any], object]) -> InstanceColumn:
        """Return the column of a callable; its name is that of the function, if it has one."""
        return InstanceColumn(**self._function_options(function), function=function)

    def _function_options(self, function: Any) -> dict[str, Any]:
        """Return the name, label and printer of a column that a function computes."""
        name = getattr(function, "__name__", "").replace("<lambda>", "")
        words = attributes.short_description(function) or lookups.attribute_words(name)
        return {
            "name": self._name(name),
            "label": self._label(words),
            "printer": self._printer(),
        }

    def _bind_batch(self, function: Callable[[list[Any]], Sequence[object]]) -> BatchColumn:
        """Return the column of a function that is given a list of instances."""
        if self.source is not None:
            raise ColumnError(
                f"{self.described} has a source and a batch function.", "Give one of them."
            )
        if not callable(function):
            raise ColumnError(f"batch={function!r} is not a callable.", "Give a function.")
        return BatchColumn(**self._function_options(function), function=function)

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
                f"{self.described} would give several rows for an object.",
                "Aggregate it, or name the to-many path alone; its values are joined.",
            )
        return QueryColumn(
            name=self._name(name),
            label=self._label(label),
            printer=self._printer(resolved.output_field),
            field=resolved.output_field,
            choices=choices,
            expression=expression,
            counted=frozenset(to_many_joins(columns_in(resolved, aggregated=True), query)),
        )

    def _resolve(self, expression: Any, queryset: QuerySet[Any]) -> tuple[Any, Query]:
        """Return an expression, resolved in the queryset, and the query with its joins."""
        query = queryset.query.chain()
        try:
            resolved = expression.resolve_expression(query, allow_joins=True, summarize=False)
            resolved.output_field  # noqa: B018  Raises for mixed types.
        except (FieldError, AttributeError) as error:
            raise ColumnError(
                f"{self.described} cannot be selected: {error}",
                cure_of(error),
            ) from error
        return resolved, query

    # What all need

    def _name(self, default: str) -> str:
        """Return the name: the one given, or a default that is fit to be one; else nothing."""
        if self.name is not None:
            return self.name
        return default if NAME.fullmatch(default) else ""

    def _label(self, default: str) -> str:
        """Return the header, with a default made of the name if there is no other."""
        return str(self.get_label(default or lookups.pretty(self.name or "")))

    def _printer(self, field: Any = None) -> CellFormatter:
        """Return the formatter for values of a field, or for values of any class."""
        given = str(self.format) if isinstance(self.format, Promise) else self.format
        if not (given is None or isinstance(given, str) or callable(given)):
            raise ColumnError(
                f"The format of {self.described} is {given!r}.",
                "Give a format specification, such as ',.2f', or a callable.",
            )
        overridden = type(self).format_value is not Column.format_value
        return CellFormatter(
            format=self.format_value if overridden else given,
            separator=self.separator,
            lists_as_json=isinstance(field, JSONField),
            escape_formulas=self.escape_formulas,
        )
