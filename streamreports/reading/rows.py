"""How the rows of a report are read from the database: in batches, as text."""

import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import cached_property, partial
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any

from django.db import connections
from django.db.models import F, QuerySet, prefetch_related_objects

from streamreports.backends.base.session import ReadSession, open_session
from streamreports.backends.registry import get_backend
from streamreports.columns.bound import BoundColumn, InstanceColumn, QueryColumn, ToManyColumn
from streamreports.exceptions import ColumnError
from streamreports.reading.planner import ColumnPlan, Planner, attribute_of
from streamreports.values import TextOptions

FIRST_ROWS = 100  # rows: so that the first block leaves early
FIRST_CALLS = 10  # rows: printed before it is known how slow their formats are
PATIENCE = 0.5  # seconds: how long rows that are ready wait for slow ones, here

ALIAS = "_report_"  # begins the names of what is selected besides

PLAIN_PATH = re.compile(r"\w+")  # A key in JSON may have any characters.

Row = tuple[str, ...]
Values = Sequence[Any]


class Reader:
    """Read a queryset through its columns.

    Where every column is had from the database, records are plain tuples; one column that is
    computed from the instance makes them instances, with annotations for the columns that are not
    among its fields. Columns that the database prints come as text, whatever becomes of the others.
    """

    def __init__(
        self, queryset: QuerySet[Any], columns: Sequence[BoundColumn], chunk_size: int
    ) -> None:
        self.queryset = queryset
        self.columns = columns
        self.chunk_size = chunk_size
        self.computed = [c for c in columns if isinstance(c, InstanceColumn)]
        self._check()

    def reading(self, style: TextOptions) -> "Reading":
        """Return a reading of the rows, in a style and the current time zone."""
        printings = Planner(self.queryset, style, instances=bool(self.computed))
        return Reading(self, style, {column: printings.of(column) for column in self.columns})

    @property
    def is_grouped(self) -> bool:
        """Tell whether the queryset is one of values() already, whose rows are no objects."""
        return self.queryset._fields is not None  # type: ignore[attr-defined]

    def _check(self) -> None:
        """Raise ColumnError for what the queryset cannot give, whatever its columns are."""
        apart = [c for c in self.columns if isinstance(c, (InstanceColumn, ToManyColumn))]
        if self.is_grouped and apart:
            raise ColumnError(
                f"'{apart[0].name}' needs an object a row, and the queryset has values() instead.",
                "Annotate the queryset with what the column should hold.",
            )
        query = self.queryset.query
        if query.combinator:
            raise ColumnError(
                f"A queryset made by {query.combinator}() cannot be read column by column.",
                "Filter with Q objects instead, or with a subquery of primary keys.",
            )
        selected = [c for c in self.columns if isinstance(c, QueryColumn)]
        known = {*(self.queryset._fields or ()), *query.annotation_select}  # type: ignore[attr-defined]
        for column in selected if query.group_by is not None and self.is_grouped else ():
            if column.expression not in known and column.is_path:
                raise ColumnError(
                    f"'{column.name}' is not among the values() that the queryset is grouped by.",
                    "Add it to them.",
                )
        if len(frozenset().union(*(column.counted for column in selected))) > 1:
            raise ColumnError(
                "Aggregates over several to-many relations count each other's rows.",
                "Give them distinct=True, or make each a Subquery.",
            )


class Reading:
    """Read the rows of a report once, in a style.

    ``printings``: how the database prints each column, or why it does not. ``source``: what the
    rows are read from, once they are. ``wanted``: how many rows are of use at a time, once the one
    who reads them knows.
    """

    source: ReadSession | None = None
    wanted: int | None = None

    def __init__(
        self, reader: Reader, style: TextOptions, printings: dict[BoundColumn, ColumnPlan]
    ) -> None:
        self.reader = reader
        self.queryset = reader.queryset
        self.columns = reader.columns
        self.style = style
        self.printings = printings
        self.needs_instances = bool(reader.computed)
        # Columns that the query selects, as text or as values.
        self.selected = [
            column
            for column in self.columns
            if printings[column].expression is not None or isinstance(column, QueryColumn)
        ]
        # How many rows are printed at a time; None for all that there are.
        calls = any(callable(column.printer.format) for column in self.columns)
        self._pace: int | None = FIRST_CALLS if calls else None
        # What each is called in the query.
        self.aliases = {column: self._alias(column, n) for n, column in enumerate(self.selected)}
        # Columns of many values that one more query a chunk has to fetch.
        self.fetched = [
            column
            for column in self.columns
            if isinstance(column, ToManyColumn) and printings[column].expression is None
        ]

    @property
    def is_text(self) -> bool:
        """Tell whether the database prints every column."""
        return all(printing.expression is not None for printing in self.printings.values())

    def batches(self) -> Generator[list[Row], None, None]:
        """Yield the rows in lists, the first one small and none waiting long for slow rows."""
        first = FIRST_ROWS
        with (
            open_session(self.queryset.db, queries=self._asks_for_chunks) as source,
            closing(self._iterator()) as records,
            closing(source),
        ):
            self.source = source
            while chunk := source.fetch(partial(self._chunk, records, first)):
                lookups = source.ask(partial(self._lookups, chunk))
                for part in (chunk[:first], chunk[first:]):
                    yield from self._printed(part, lookups)
                first = 0
                del chunk, part  # The next ones need the room.

    def cancel(self) -> None:
        """Cancel the statement that another thread waits for in here."""
        if self.source is not None:
            self.source.cancel()

    # The query

    @cached_property
    def records(self) -> QuerySet[Any]:
        """Return the queryset whose records hold what the columns need."""
        queryset = self.queryset
        if queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
            queryset = queryset.prefetch_related(None)  # Done chunk by chunk, in _lookups().
        annotations = {
            alias: self._expression(column)
            for column, alias in self.aliases.items()
            if alias.startswith(ALIAS)
        }
        if annotations:
            queryset = queryset.annotate(**annotations)
        if self.needs_instances:
            return self._instances(queryset)
        names = list(self.aliases.values())
        return queryset.values_list(*names, *(["pk"] if self.needs_keys or not names else []))

    def _alias(self, column: BoundColumn, number: int) -> str:
        """Return what a selected column is called: as the query or the instance has it, if so."""
        path = column_path(column)
        if self.printings[column].expression is None:
            if self.needs_instances and (attribute := attribute_of(column, self.queryset)):
                return attribute
            annotated = path in self.queryset.query.annotation_select
            if annotated or (PLAIN_PATH.fullmatch(path) and not self.needs_instances):
                return path
        return f"{ALIAS}{number}"

    def _expression(self, column: BoundColumn) -> Any:
        """Return what the query selects for a column: its text where the database prints it."""
        if (text := self.printings[column].expression) is not None:
            return text
        path = column_path(column)
        return F(path) if path else column.expression  # type: ignore[attr-defined]

    def _instances(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return a queryset of instances with what the functions will ask of them."""
        related = [c.select_related for c in self.reader.computed if c.select_related]
        if not related or queryset.query.select_related is True:
            return queryset  # select_related() with no names would forget all others.
        if queryset.query.deferred_loading[0]:
            queryset = queryset.defer(None)  # What is deferred cannot be followed as well.
        return queryset.select_related(*related)

    @property
    def needs_keys(self) -> bool:
        """Tell whether rows must carry their primary key besides the columns.

        To-many values are found by it, and it keeps rows apart that DISTINCT would take for one.
        """
        query = self.queryset.query
        apart = query.distinct and not query.distinct_fields and not self.reader.is_grouped
        return bool(self.fetched) or apart

    def _iterator(self) -> Generator[Any, None, None]:
        """Yield the records as they come from the database."""
        size = self.reader.chunk_size
        if get_backend(connections[self.queryset.db]).features.fetches_without_round_trip:
            size = min(FIRST_ROWS, size)
        yield from self.records.iterator(size)

    # The rows

    def _lookups(self, records: list[Any]) -> dict[BoundColumn, dict[Any, list[Any]]]:
        """Prefetch what instances need; return the fetched values, by column and primary key."""
        if self.needs_instances:
            computed = self.reader.computed
            wanted = [c.prefetch_related for c in computed if c.prefetch_related]
            if self.records.query.select_related is True:
                wanted += [c.select_related for c in computed if c.select_related]
            given = self.queryset._prefetch_related_lookups  # type: ignore[attr-defined]
            prefetch_related_objects(records, *given, *wanted)
        if not self.fetched:
            return {}
        keys = list(map(self._key, records))
        model, using = self.queryset.model, self.queryset.db
        return {column: column.fetch(model, using, keys) for column in self.fetched}

    @property
    def _asks_for_chunks(self) -> bool:
        """Tell whether each chunk costs more queries."""
        return bool(
            self.fetched
            or self.queryset._prefetch_related_lookups  # type: ignore[attr-defined]
            or self.queryset.query.select_related is True
            or any(column.prefetch_related for column in self.reader.computed)
        )

    def _chunk(self, records: Iterator[Any], first: int) -> list[Any]:
        """Return the next records: as few as will do, unless each chunk costs queries.

        ``first``: how many rows the first batch should have, 0 after it.
        """
        size = self.reader.chunk_size
        if self._asks_for_chunks:
            wanted = size
        elif self.needs_instances:
            wanted = FIRST_ROWS
        else:
            wanted = first or self.wanted or size
        return list(islice(records, min(wanted, size)))

    @cached_property
    def _key(self) -> Callable[[Any], Any]:
        """Return the function that takes the primary key out of a record."""
        return attrgetter("pk") if self.needs_instances else itemgetter(-1)

    def _printed(
        self, records: list[Any], lookups: dict[BoundColumn, dict[Any, list[Any]]]
    ) -> Iterator[list[Row]]:
        """Yield records as rows of text, in as many lists as slow functions make needful."""
        if self.is_text and records:
            yield records
            return
        while records:
            started = time.monotonic()
            part = records[: self._pace]
            values = self._values(part)
            computed = self._compute(part)
            ready = len(computed) if self.needs_instances else len(part)
            yield self._rows(part[:ready], values, computed, lookups)
            self._keep_pace(ready, time.monotonic() - started)
            records = records[ready:]

    def _values(self, records: list[Any]) -> dict[BoundColumn, Values]:
        """Return what the query selected, before any function can change the instances."""
        if not self.needs_instances:
            return dict(zip(self.selected, zip(*records, strict=True), strict=False))
        return {
            column: list(map(attrgetter(alias), records)) for column, alias in self.aliases.items()
        }

    def _keep_pace(self, rows: int, seconds: float) -> None:
        """Settle how many rows to print at a time where formats call functions, maybe slow ones."""
        if self._pace is not None:
            self._pace = max(1, min(2 * rows, int(rows * PATIENCE / (seconds or PATIENCE))))

    def _compute(self, records: list[Any]) -> list[list[object]]:
        """Return what the functions give for the records, until patience is at its end."""
        functions = [column.function for column in self.reader.computed]
        values: list[list[object]] = []
        deadline = time.monotonic() + PATIENCE
        for record in records if functions else ():
            values.append([function(record) for function in functions])
            if time.monotonic() > deadline:
                break
        return values

    def _rows(
        self,
        records: list[Any],
        selected: dict[BoundColumn, Values],
        computed: list[list[object]],
        lookups: dict[BoundColumn, dict[Any, list[Any]]],
    ) -> list[Row]:
        """Return records as rows of text, printed one column at a time."""
        values = {column: held[: len(records)] for column, held in selected.items()}
        values.update(zip(self.reader.computed, zip(*computed, strict=True), strict=True))
        for column in self.fetched:
            values[column] = [lookups[column].get(self._key(record), []) for record in records]
        texts = [self._texts(column, values[column]) for column in self.columns]
        return list(zip(*texts, strict=True))

    def _texts(self, column: BoundColumn, values: Values) -> Sequence[str]:
        """Return the values of a column as text; what the database printed is text already."""
        if self.printings[column].expression is not None:
            return values
        if isinstance(column, ToManyColumn):
            return column.printer.joined_texts(values, self.style)
        if column.choices is not None:
            values = list(map(column.shown, values))
        return column.printer.texts(values, self.style)


def column_path(column: BoundColumn) -> str:
    """Return the lookup path that a column selects, nothing for an expression."""
    return column.expression if isinstance(column, QueryColumn) and column.is_path else ""
