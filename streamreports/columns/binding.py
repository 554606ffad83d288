"""Bind a column to a queryset."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import F, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.sql.query import Query

from streamreports.columns import attributes, lookups
from streamreports.columns.base import NAME, Column, alias_of
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


@dataclass(frozen=True)
class Binder:
    """Resolve the source of a column in a queryset."""

    column: Column
    queryset: QuerySet[Any]

    def bind(self) -> BoundColumn:
        """Return the column as the queryset provides it; run no query.

        Raises ``ColumnError`` if the queryset cannot provide the column.
        """
        column = self.column
        self._require_valid_name()
        bound = self._bind_batch(column.batch) if column.batch is not None else self._bind_source()
        if column.safe:
            bound = replace(bound, safe=True)
        if column.filter is None and not column.ordering:
            return bound
        if not isinstance(bound, ToManyColumn):
            raise ColumnError(
                f"{column.described} has a filter or an ordering, but is not a to-many path.",
                "Remove them; the rows are those of the queryset.",
            )
        return bound.restricted(self.queryset, column.filter, tuple(column.ordering))

    def _bind_source(self) -> BoundColumn:
        """Return the column of a path, an expression or a callable."""
        source = self.column.source
        if type(source) is F:
            source = source.name  # type: ignore[attr-defined]
        if isinstance(source, str):
            return self._bind_path(source)
        is_expression = hasattr(source, "resolve_expression")
        if is_expression and not isinstance(source, type):
            return self._bind_expression()
        if callable(source) and not is_expression:
            return self._bind_callable(source)
        raise ColumnError(
            f"{source!r} cannot be a column.",
            "Give a lookup path, an expression, the name of a property or method, or a callable.",
        )

    # A path

    def _bind_path(self, source: str) -> BoundColumn:
        """Return the column of a lookup path, an annotation, a property or a method."""
        query = self.queryset.query
        head = source.split(LOOKUP_SEP)[0]
        if source in query.annotation_select:
            return self._select(source, lookups.pretty(source))
        if head in query.annotation_select or head in query._filtered_relations:  # type: ignore[attr-defined]
            return self._select(F(source), lookups.pretty(source))
        path = lookups.follow(self.queryset.model, source)
        if not leads_somewhere(path):
            raise unknown_name(self.queryset.model, source, query.annotation_select)
        if field := path.display_field:
            display = LOOKUP_SEP.join((*path.prefix, field.name))
            return self._bind_values(path, display, lookups.labels_of(field))
        if path.reads_instance:
            return self._bind_attribute(path)
        return self._bind_values(path, source)

    def _bind_values(
        self,
        path: LookupPath,
        source: str,
        choices: Mapping[Any, str] | None = None,
    ) -> BoundColumn:
        """Return the column of a path that ends in the database."""
        if not path.to_many:
            return self._select(source, path.label, choices)
        field = self._resolve(F(source))[0].output_field
        return ToManyColumn(
            name=self.column.key,
            label=self._label(path.label),
            printer=self.column.create_formatter(field),
            field=field,
            choices=choices,
            path=path,
            source=source,
        )

    def _bind_attribute(self, path: LookupPath) -> InstanceColumn:
        """Return the column of a path that is read from instances."""
        if path.to_many:
            raise ColumnError(
                f"{self.column.described} leads to several objects, and ends in a property or"
                " method.",
                "Give a callable that returns a list; its values are joined.",
            )
        if any(map(lookups.is_reverse_generic, path.relations)):
            raise ColumnError(
                f"{self.column.described} follows a generic relation backwards, and ends in a"
                " property or method.",
                "Follow the generic foreign key instead.",
            )
        attribute, first = path.attribute, path.rest[:1]
        if attribute and attributes.alters_data(attribute):
            raise ColumnError(
                f"{self.column.described} is a method that alters data.",
                "Name a method that only reads.",
            )
        if attribute and attributes.requires_arguments(path.model, *first):
            raise ColumnError(
                f"{self.column.described} is a method that requires arguments.",
                "Give a callable that calls it with them.",
            )
        relations = [lookups.accessor(relation) for relation in path.relations]
        is_generic = lookups.is_generic(path.field)
        return InstanceColumn(
            name=self.column.key,
            label=self._label(path.label),
            printer=self.column.create_formatter(),
            function=attributes.reader(relations, path.rest),
            select_related=LOOKUP_SEP.join(path.prefix),
            prefetch_related=LOOKUP_SEP.join((*relations, *first)) if is_generic else "",
        )

    # A callable

    def _bind_callable(self, function: Callable[[Any], object]) -> InstanceColumn:
        """Return the column of a callable, named after the function if it has a name."""
        return InstanceColumn(**self._function_options(function), function=function)

    def _function_options(self, function: Any) -> dict[str, Any]:
        """Return the name, label and formatter of a column that a function computes."""
        name = getattr(function, "__name__", "").replace("<lambda>", "")
        words = attributes.short_description(function) or lookups.attribute_words(name)
        return {
            "name": self.column.key,
            "label": self._label(words),
            "printer": self.column.create_formatter(),
        }

    def _bind_batch(self, function: Callable[[list[Any]], Sequence[object]]) -> BatchColumn:
        """Return the column of a function that accepts a list of instances."""
        if self.column.source is not None:
            raise ColumnError(
                f"{self.column.described} has a source and a batch function.", "Give one of them."
            )
        if not callable(function):
            raise ColumnError(f"batch={function!r} is not callable.", "Give a function.")
        return BatchColumn(**self._function_options(function), function=function)

    # An expression

    def _bind_expression(self) -> QueryColumn:
        """Return the column of a query expression."""
        label = lookups.pretty(alias_of(self.column.source))
        return self._select(self.column.source, label)

    def _select(
        self,
        expression: Any,
        label: str,
        choices: Mapping[Any, str] | None = None,
    ) -> QueryColumn:
        """Return the column of an expression that the query can select."""
        given = F(expression) if isinstance(expression, str) else expression
        resolved, query = self._resolve(given)
        annotated = expression in query.annotation_select if isinstance(expression, str) else False
        if not annotated and to_many_joins(columns_in(resolved, aggregated=False), query):
            raise ColumnError(
                f"{self.column.described} would give several rows for an object.",
                "Aggregate it, or name the to-many path alone; its values are joined.",
            )
        return QueryColumn(
            name=self.column.key,
            label=self._label(label),
            printer=self.column.create_formatter(resolved.output_field),
            field=resolved.output_field,
            choices=choices,
            expression=expression,
            counted=frozenset(to_many_joins(columns_in(resolved, aggregated=True), query)),
        )

    def _resolve(self, expression: Any) -> tuple[Any, Query]:
        """Return an expression, resolved in the queryset, and the query with its joins."""
        query = self.queryset.query.chain()
        try:
            resolved = expression.resolve_expression(query, allow_joins=True, summarize=False)
            resolved.output_field  # noqa: B018  Raises for mixed types.
        except (FieldError, AttributeError) as error:
            raise ColumnError(
                f"{self.column.described} cannot be selected: {error}",
                cure_of(error),
            ) from error
        return resolved, query

    # Names and labels

    def _require_valid_name(self) -> None:
        """Raise ColumnError for a name that cannot be part of a URL."""
        name = self.column.name
        if name is not None and not (isinstance(name, str) and NAME.fullmatch(name)):
            raise ColumnError(
                f"A column has the name {name!r}.",
                "Use letters, digits, '_' and '-' only; the header is its label.",
            )

    def _label(self, default: str) -> str:
        """Return the header; by default, it is derived from the name."""
        return str(self.column.get_label(default or lookups.pretty(self.column.name or "")))
