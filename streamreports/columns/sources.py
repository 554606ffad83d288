"""Find the database columns from which the values of a report are computed."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import F, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import Col
from django.db.models.sql.query import Query

from streamreports.columns.base import Column
from streamreports.columns.bound import QueryColumn, ToManyColumn
from streamreports.columns.listing import bind
from streamreports.exceptions import ColumnError

Source = tuple[str, str | None]  # a table (or "" for an annotation) and a column name


class HiddenSources:
    """The sources that are used only by columns that the user may not see.

    Filters and orderings on these sources would reveal the values of the columns.
    """

    def __init__(
        self, queryset: QuerySet[Any], hidden: Iterable[Column], permitted: Iterable[Column]
    ) -> None:
        self.queryset = queryset
        self._query: Query = queryset.query.chain()  # Identical paths share their joins in it.
        self._names = {column.key for column in hidden}
        self._sources = self._sources_of(hidden) - self._sources_of(permitted)

    def __contains__(self, path: object) -> bool:
        """Return True for the name of a hidden column, and for a path to a hidden source."""
        return path in self._names or bool(self._resolve(F(str(path))) & self._sources)

    def _sources_of(self, columns: Iterable[Column]) -> set[Source]:
        """Return the sources of columns; columns that Python computes have none."""
        found: set[Source] = set()
        for column in columns:
            try:
                bound = bind(column, self.queryset)
            except ColumnError:  # This is reported where the column is used.
                continue
            if isinstance(bound, ToManyColumn):
                found |= self._resolve(F(bound.source))
            elif isinstance(bound, QueryColumn):
                found |= self._resolve(F(bound.expression) if bound.is_path else bound.expression)
        return found

    def _resolve(self, expression: Any) -> set[Source]:
        """Return the sources of an expression; an empty set for an invalid path."""
        if isinstance(expression, F):
            name = expression.name.split(LOOKUP_SEP)[0]  # type: ignore[attr-defined]
            if name in self._query.annotations:
                return {("", name)}
        try:
            resolved = expression.resolve_expression(self._query, allow_joins=True)
        except FieldError:
            return set()
        parts = [part for part in resolved.flatten() if isinstance(part, Col)]
        return {(part.alias, part.target.column) for part in parts}
