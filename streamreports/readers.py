"""How the rows of a report are read from the database: in batches, column by column."""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import cached_property
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any

from django.db import connections, transaction
from django.db.models import F, QuerySet

from streamreports.columns import BoundColumn, ComputedColumn, JoinedColumn, SelectedColumn
from streamreports.exceptions import ColumnError

FIRST_ROWS = 100  # rows: so that the first block leaves early
PATIENCE = 0.5  # seconds: how long rows that are ready wait for slow ones, here

Batch = list[Sequence[Any]]


class Reader:
    """Read a queryset through its columns; each batch is one sequence of values per column.

    Where every column is had from the database, rows are plain tuples; one column that is computed
    from the instance makes it read instances, with the other columns beside them as annotations.
    """

    def __init__(
        self, queryset: QuerySet[Any], columns: Sequence[BoundColumn], chunk_size: int
    ) -> None:
        self.queryset = queryset
        self.columns = columns
        self.chunk_size = chunk_size
        self.selected = [c for c in columns if isinstance(c, SelectedColumn)]
        self.joined = [c for c in columns if isinstance(c, JoinedColumn)]
        self.computed = [c for c in columns if isinstance(c, ComputedColumn)]
        self._check()

    @property
    def needs_instances(self) -> bool:
        """Tell whether some column is computed from the model instance."""
        return bool(self.computed)

    @property
    def needs_keys(self) -> bool:
        """Tell whether rows must carry their primary key besides the columns.

        To-many values are found by it, and it keeps rows apart that DISTINCT would take for one.
        """
        query = self.queryset.query
        apart = query.distinct and not query.distinct_fields and not self._is_grouped
        return bool(self.joined) or apart

    def batches(self) -> Generator[Batch, None, None]:
        """Yield the rows in batches, the first one small and none waiting long for slow rows."""
        with snapshot(self.queryset.db):
            first = FIRST_ROWS
            with closing(self._iterator()) as records:
                while chunk := list(islice(records, self.chunk_size)):
                    lookups = self._lookups(chunk)
                    for part in (chunk[:first], chunk[first:]):
                        yield from self._batches(part, lookups)
                    first = 0

    # The query

    def _iterator(self) -> Generator[Any, None, None]:
        """Yield the records as they come from the database."""
        yield from self.records.iterator(self.chunk_size)

    @cached_property
    def records(self) -> QuerySet[Any]:
        """Return the queryset whose records hold what the columns need."""
        if self.needs_instances:
            return self._instances()
        names = [column.expression for column in self.selected]
        if self.needs_keys or not names:
            names.append("pk")
        queryset = self.queryset
        if queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
            queryset = queryset.prefetch_related(None)
        return queryset.values_list(*names)

    def _instances(self) -> QuerySet[Any]:
        """Return the queryset of instances, with the selected columns as annotations."""
        related = [c.select_related for c in self.computed if c.select_related]
        prefetched = [c.prefetch_related for c in self.computed if c.prefetch_related]
        annotations = {
            alias: F(column.expression) if column.is_path else column.expression
            for alias, column in zip(self._aliases, self.selected, strict=True)
            if alias not in self.queryset.query.annotation_select
        }
        queryset = self.queryset.annotate(**annotations) if annotations else self.queryset
        if related and queryset.query.select_related is not True:
            queryset = queryset.select_related(*related)
        return queryset.prefetch_related(*prefetched) if prefetched else queryset

    @property
    def _aliases(self) -> list[str]:
        """Return the attributes of an instance that hold the selected columns."""
        annotations = self.queryset.query.annotation_select
        return [
            column.expression
            if column.is_path and column.expression in annotations
            else f"_report_{index}"
            for index, column in enumerate(self.selected)
        ]

    @property
    def _is_grouped(self) -> bool:
        """Tell whether the queryset is one of values() already, whose rows are no objects."""
        return self.queryset._fields is not None  # type: ignore[attr-defined]

    def _check(self) -> None:
        """Raise ColumnError for what the queryset cannot give, whatever its columns are."""
        if self._is_grouped and (self.joined or self.computed):
            name = (self.joined or self.computed)[0].name
            raise ColumnError(
                f"'{name}' needs an object a row, and the queryset has values() instead.",
                "Annotate the queryset with what the column should hold.",
            )
        combined = self.queryset.query.combinator
        plain = all(column.is_path for column in self.selected)
        if combined and (not plain or (self.computed and self.selected)):
            raise ColumnError(
                f"A queryset made by {combined}() can only be asked for its fields.",
                "Filter with Q objects instead, or give columns that are all names of fields "
                "or all callables.",
            )

    # The values

    def _lookups(self, records: list[Any]) -> dict[JoinedColumn, dict[Any, list[Any]]]:
        """Return the to-many values of some records, by column and primary key."""
        if not self.joined:
            return {}
        keys = list(map(self._key, records))
        queryset = self.queryset
        return {column: column.fetch(queryset.model, queryset.db, keys) for column in self.joined}

    @cached_property
    def _key(self) -> Any:
        """Return the function that takes the primary key out of a record."""
        return attrgetter("pk") if self.needs_instances else itemgetter(-1)

    def _batches(
        self, records: list[Any], lookups: dict[JoinedColumn, dict[Any, list[Any]]]
    ) -> Iterator[Batch]:
        """Yield the values of some records, in as many batches as slow functions make needful."""
        while records:
            computed = self._compute(records)
            ready = len(computed) if self.computed else len(records)
            yield self._values(records[:ready], computed, lookups)
            records = records[ready:]

    def _compute(self, records: list[Any]) -> list[list[object]]:
        """Return what the functions give for the records, until patience is at its end."""
        functions = [column.function for column in self.computed]
        values: list[list[object]] = []
        deadline = time.monotonic() + PATIENCE
        for record in records if functions else ():
            values.append([function(record) for function in functions])
            if time.monotonic() > deadline:
                break
        return values

    def _values(
        self,
        records: list[Any],
        computed: list[list[object]],
        lookups: dict[JoinedColumn, dict[Any, list[Any]]],
    ) -> Batch:
        """Return the values of some records, one sequence per column."""
        values: dict[BoundColumn, Sequence[Any]] = {}
        values.update(zip(self.computed, zip(*computed, strict=True), strict=True))
        if self.needs_instances:
            for alias, column in zip(self._aliases, self.selected, strict=True):
                values[column] = list(map(attrgetter(alias), records))
        else:
            values.update(zip(self.selected, zip(*records, strict=True), strict=False))
        for joined in self.joined:
            values[joined] = [lookups[joined].get(self._key(record), []) for record in records]
        return [
            list(map(column.shown, values[column])) if column.choices else values[column]
            for column in self.columns
        ]


def snapshot(using: str) -> AbstractContextManager[None]:
    """Return what makes every query of a report see the same rows.

    On PostgreSQL that is one read-only transaction, which also keeps its server from writing the
    whole result to a file first, as it does for a cursor WITH HOLD. A transaction that is already
    open serves as it is.
    """
    connection = connections[using]
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        return read_only_transaction(using)
    return nullcontext()


@contextmanager
def read_only_transaction(using: str) -> Iterator[None]:
    """Run what is inside in one transaction that sees one state of the database."""
    with transaction.atomic(using=using, durable=True):
        with connections[using].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
