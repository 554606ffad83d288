"""The query of a report: a queryset whose records contain the values of the columns."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any

from django.db import connections
from django.db.models import F, QuerySet, prefetch_related_objects
from django.db.models.constants import LOOKUP_SEP

from streamreports.columns import lookups
from streamreports.columns.bound import (
    BatchColumn,
    BoundColumn,
    InstanceColumn,
    QueryColumn,
    ToManyColumn,
    existence_path,
)
from streamreports.exceptions import ColumnError
from streamreports.reading.conversion import Converters, convert, unconverted
from streamreports.reading.instances import InstanceIterable
from streamreports.reading.planner import ColumnPlan, attribute_of
from streamreports.reading.relations import (
    has_peers,
    make_peers,
    named_relations,
    without_own_peers,
)

ALIAS = "_report_"  # the prefix of the annotations that a report adds

PLAIN_PATH = re.compile(r"\w+")  # Keys in JSON may contain any characters.


class ReportQuery:
    """Select the values that the columns of a report need.

    If the query can select every column, its records are tuples. If a column is computed from the
    model instance, they are instances, with annotations for columns that are not fields of the
    instance. ``plans``: how the database prints each column, if it does.
    """

    def __init__(
        self,
        queryset: QuerySet[Any],
        columns: Sequence[BoundColumn],
        plans: Mapping[BoundColumn, ColumnPlan],
    ) -> None:
        self.queryset = queryset
        self.plans = plans
        self.converters: Converters = {}
        self.computed = [c for c in columns if isinstance(c, InstanceColumn)]
        # Columns whose functions receive all instances of a chunk at once.
        self.batched = [c for c in columns if isinstance(c, BatchColumn)]
        self.needs_instances = bool(self.computed or self.batched)
        self.select_related, self.prefetch_related = self._relations(columns)
        self.has_peers = self.needs_instances and has_peers(queryset)
        # Columns that the query selects, as text or as values.
        self.selected = [
            column
            for column in columns
            if plans[column].expression is not None or isinstance(column, QueryColumn)
        ]
        # The name of each column in the query.
        self.aliases = {column: self._alias(column, n) for n, column in enumerate(self.selected)}
        # Columns whose field converts null, each with the name of a value that is null if there is
        # no object.
        self.guards = {
            column: f"{ALIAS}exists_{number}"
            for number, column in enumerate(self.selected)
            if plans[column].expression is None and self._needs_guard(column)
        }
        # To-many columns whose values need an additional query for each chunk.
        self.fetched = [
            column
            for column in columns
            if isinstance(column, ToManyColumn) and plans[column].expression is None
        ]

    @cached_property
    def records(self) -> QuerySet[Any]:
        """Return the queryset whose records contain the values that the columns need."""
        queryset = self.queryset
        if queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
            queryset = queryset.prefetch_related(None)  # Prefetched for each chunk instead.
        annotations = {
            alias: self._expression(column)
            for column, alias in self.aliases.items()
            if alias.startswith(ALIAS)
        }
        for column, alias in self.guards.items():
            path = lookups.follow(queryset.model, column_path(column))
            annotations[alias] = F(existence_path(path))
        if annotations:
            queryset = queryset.annotate(**annotations)
        if self.needs_instances:
            return self._instances(queryset)
        names = [*self.aliases.values(), *self.guards.values()]
        records = queryset.values_list(*names, *(["pk"] if self.needs_keys or not names else []))
        if self.needs_keys:  # Keys are matched with those of other queries.
            return records
        records, self.converters = unconverted(records)
        return records

    @property
    def needs_keys(self) -> bool:
        """Return True if rows must contain their primary key in addition to the columns.

        To-many values are matched by the key, and it distinguishes rows that DISTINCT would merge.
        """
        query = self.queryset.query
        apart = query.distinct and not query.distinct_fields and not is_grouped(self.queryset)
        return bool(self.fetched) or apart

    @property
    def reads_chunks(self) -> bool:
        """Return True if each chunk needs additional queries or a call of a batch function."""
        return bool(self.fetched or self.batched or self.prefetch_related)

    def load(self, records: Sequence[Any]) -> None:
        """Run the queries that load the relations of a chunk of instances."""
        if self.has_peers:  # Prefetched objects inherit the fetch mode of their owners.
            make_peers(records, self.records.query.select_related)
        if self.prefetch_related:
            prefetch_related_objects(records, *self.prefetch_related)

    def _relations(self, columns: Sequence[BoundColumn]) -> tuple[list[str], list[Any]]:
        """Return the relations to select and to prefetch for instances, if there are any."""
        if not self.needs_instances:
            return [], []
        select, prefetch = named_relations(self.queryset, columns)
        given = self.queryset._prefetch_related_lookups  # type: ignore[attr-defined]
        if self.queryset.query.select_related is True:  # It would forget all that names select.
            return [], [*given, *prefetch, *select]
        return select, [*given, *prefetch]

    @cached_property
    def key(self) -> Callable[[Any], Any]:
        """Return the function that returns the primary key of a record."""
        return attrgetter("pk") if self.needs_instances else itemgetter(-1)

    def values(self, records: Sequence[Any]) -> dict[BoundColumn, Sequence[Any]]:
        """Return the values of the records for each selected column."""
        columns: list[Sequence[Any]]
        if self.needs_instances:
            columns = [
                list(map(attrgetter(alias), records))
                for alias in (*self.aliases.values(), *self.guards.values())
            ]
        else:
            columns = list(zip(*records, strict=True))
            columns = convert(columns, self.converters, connections[self.queryset.db])
        values: dict[BoundColumn, Sequence[Any]] = dict(zip(self.selected, columns, strict=False))
        for column, exists in zip(self.guards, columns[len(self.selected) :], strict=False):
            values[column] = [
                None if key is None else value
                for value, key in zip(values[column], exists, strict=True)
            ]
        return values

    def _needs_guard(self, column: BoundColumn) -> bool:
        """Return True if a column's field would convert the null of a missing object."""
        path = column_path(column)
        annotated = path in self.queryset.query.annotation_select
        if LOOKUP_SEP not in path or annotated or is_grouped(self.queryset):
            return False
        return converts_null(column.field)

    def _alias(self, column: BoundColumn, number: int) -> str:
        """Return the name of a selected column: an existing one of the queryset, or an alias."""
        path = column_path(column)
        if self.plans[column].expression is None:
            if self.needs_instances and (attribute := attribute_of(column, self.queryset)):
                return attribute
            annotated = path in self.queryset.query.annotation_select
            if annotated or (PLAIN_PATH.fullmatch(path) and not self.needs_instances):
                return path
        return f"{ALIAS}{number}"

    def _expression(self, column: BoundColumn) -> Any:
        """Return the expression selected for a column: its text if the database prints it."""
        if (text := self.plans[column].expression) is not None:
            return text
        path = column_path(column)
        return F(path) if path else column.expression  # type: ignore[attr-defined]

    def _instances(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return a queryset of instances with the relations that functions may follow."""
        queryset = without_own_peers(queryset)
        queryset._iterable_class = InstanceIterable
        if not self.select_related:
            return queryset
        if queryset.query.deferred_loading[0]:
            queryset = queryset.defer(None)  # A deferred relation cannot be selected.
        return queryset.select_related(*self.select_related)


def column_path(column: BoundColumn) -> str:
    """Return the lookup path that a column selects; empty for an expression."""
    return column.expression if isinstance(column, QueryColumn) and column.is_path else ""


def converts_null(field: Any) -> bool:
    """Return True for a field with a custom from_db_value()."""
    convert = getattr(field, "from_db_value", None)
    return convert is not None and not convert.__module__.startswith("django.")


def is_grouped(queryset: QuerySet[Any]) -> bool:
    """Return True for a queryset of values(), whose rows are not model instances."""
    return queryset._fields is not None  # type: ignore[attr-defined]


def check_columns(queryset: QuerySet[Any], columns: Sequence[BoundColumn]) -> None:
    """Raise ColumnError for columns that this kind of queryset cannot provide."""
    apart = [c for c in columns if isinstance(c, (InstanceColumn, BatchColumn, ToManyColumn))]
    if is_grouped(queryset) and apart:
        raise ColumnError(
            f"{apart[0].described} needs model instances, and the queryset has values().",
            "Annotate the queryset with what the column should hold.",
        )
    query = queryset.query
    selected = [c for c in columns if isinstance(c, QueryColumn)]
    known = {*(queryset._fields or ()), *query.annotation_select}  # type: ignore[attr-defined]
    for column in selected if query.group_by is not None and is_grouped(queryset) else ():
        if column.expression not in known and column.is_path:
            raise ColumnError(
                f"{column.described} is not among the values() that group the queryset.",
                f"Add {column.described} to values().",
            )
    if len(frozenset().union(*(column.counted for column in selected))) > 1:
        raise ColumnError(
            "Aggregates over several to-many relations count each other's rows.",
            "Give them distinct=True, or make each a Subquery.",
        )
