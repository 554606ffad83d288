"""Read the rows of a report from the database, in batches."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Any

from django.db import connections
from django.db.models import QuerySet

from streamreports.backends.base.backend import Backend
from streamreports.backends.base.session import ReadSession
from streamreports.backends.registry import get_backend
from streamreports.columns.bound import BoundColumn
from streamreports.formats.base import Wants
from streamreports.reading.combined import CombinedQuery
from streamreports.reading.formatting import Row, RowFormatter, Values
from streamreports.reading.joining import join_columns
from streamreports.reading.json_lines import as_objects
from streamreports.reading.monitor import QueryMonitor
from streamreports.reading.planner import ColumnPlan, Planner
from streamreports.reading.plans import make_plans
from streamreports.reading.query import ReportQuery
from streamreports.values import TextOptions

FIRST_ROWS = 100  # rows: a small first batch, so that the first block is sent early
CACHED_INSTANCES = 200  # rows: more do not fit into a processor's cache, and are slower

# Until a COPY ends, its connection can run no other query.
OPEN_TRANSACTION = "a transaction is open, which may have other queries to run"


class RowReader:
    """Read the rows of a report once.

    ``wants``: the type of cells that the format requires.
    ``plans``: how the database prints each column, or why it does not.
    ``delimiter``: the delimiter of the CSV lines, if any. If the attribute is not None, cells are
    quoted, and one may consist of several cells joined by the database.
    ``wanted``: the number of rows that a batch should have; the consumer may change it at any time.
    By default, the first batch has 100 rows and the others have ``chunk_size``.
    ``session``: the session from which the rows are read, after reading has started.
    """

    session: ReadSession | None = None
    wanted: int | None = None

    def __init__(
        self,
        queryset: QuerySet[Any],
        columns: Sequence[BoundColumn],
        options: TextOptions,
        chunk_size: int,
        *,
        wants: Wants = "text",
        plans: Mapping[BoundColumn, ColumnPlan] | None = None,
        delimiter: str | None = None,
    ) -> None:
        self.queryset = queryset
        self.columns = columns
        self.options = options
        self.chunk_size = chunk_size
        self.wants = wants
        self.plans = plans or make_plans(queryset, columns, options, wants)
        query_class = CombinedQuery if queryset.query.combinator else ReportQuery
        self.query = query_class(queryset, columns, self.plans)
        self.delimiter: str | None = None
        # csv.writer quotes an empty cell if it is the only one in its row.
        if delimiter is not None and wants == "text" and len(columns) > 1:
            self._quote_cells(delimiter)
        self._first: int | None = FIRST_ROWS
        self.monitor: QueryMonitor | None = None
        if self.query.computed:
            self.monitor = QueryMonitor(queryset.model)
        self._formatter = RowFormatter(
            self.columns,
            self.plans,
            options,
            wants=wants,
            delimiter=self.delimiter,
            monitor=self.monitor,
        )

    @property
    def is_text(self) -> bool:
        """Return True if the database prints every column."""
        return all(plan.expression is not None for plan in self.plans.values())

    @property
    def _reads_rows(self) -> bool:
        """Return True if the records of the query are the rows."""
        return self.is_text and (
            self.delimiter is None or all(plan.is_line_part for plan in self.plans.values())
        )

    def batches(self) -> Generator[Sequence[Row], None, None]:
        """Yield the rows in lists of at most ``wanted``; fewer if functions are slow."""
        with (
            self._backend.open_session(has_related_queries=self.query.reads_chunks) as session,
            closing(self._iterator()) as records,
            closing(session),
        ):
            self.session = session
            while chunk := session.fetch(partial(self._next_chunk, records)):
                values = session.fetch_related(partial(self._load, chunk))
                for column in self.query.batched:
                    values[column] = column.values(list(chunk))
                yield from self._serve(chunk, values)
                del chunk, values  # Free the memory before the next chunk is fetched.

    def cancel(self) -> None:
        """Cancel the statement that another thread is waiting for."""
        if self.session is not None:
            self.session.cancel()

    @property
    def _backend(self) -> Backend:
        """Return the backend of the connection that the rows are read from."""
        return get_backend(connections[self.queryset.db])

    # CSV lines

    @property
    def quotes_cells(self) -> bool:
        """Return True if rows consist of the quoted cells of CSV lines."""
        return self.delimiter is not None

    def _can_join_cells(self) -> bool:
        """Return True if joining cells in the database is possible and faster."""
        return (
            self._backend.features.joins_cells
            and not self.queryset.query.combinator
            and not (self.query.needs_instances or self.query.needs_keys)
            and self.query.records.query.group_by is None
            and bool(self.why_not_copy())
        )

    def _quote_cells(self, delimiter: str) -> None:
        """Quote cells where they are printed, a column at a time, if this is faster."""
        if self._can_join_cells():
            planner = Planner(self.queryset, self.options, delimiter=delimiter)
            self.plans = join_columns(self.columns, self.plans, planner)
            self.columns = list(self.plans)
            self.query = ReportQuery(self.queryset, self.columns, self.plans)
            self.delimiter = delimiter
        elif not self.is_text:
            self.delimiter = delimiter

    def why_not_copy(self) -> str:
        """Return why the database cannot write the lines of the file; "" if it can."""
        if not self._backend.features.can_copy_csv:
            return "only PostgreSQL with psycopg 3 has COPY"
        if any(plan.copy_expression is None for plan in self.plans.values()):
            return "a column is not printed by the database"
        if self.wants == "text" and len(self.columns) == 1:
            return "COPY writes a single column differently"
        if self._backend.connection.in_atomic_block:
            return OPEN_TRANSACTION
        return ""

    def copied(self, options: str, line_end: bytes) -> Generator[tuple[int, bytes], None, None]:
        """Yield the lines written by the database: a number of rows, and their lines.

        ``options``: the options of COPY, except FORMAT and NULL. ``line_end``: the line ending
        between lines; the last line of each item has none. Closing the generator cancels the
        statement.
        """
        backend = self._backend
        self.session = backend.session_class(backend.connection)
        return backend.copy_csv(self.copy_queryset(options), options, line_end)

    def copy_queryset(self, options: str) -> QuerySet[Any]:
        """Return the queryset that COPY prints with these options."""
        if "FORCE_QUOTE" in options:  # This quotes all values except nulls, so there must be none.
            return self.query.records
        if self.wants == "text":
            plans = {
                column: ColumnPlan(expression=plan.copy_expression)
                for column, plan in self.plans.items()
            }
        else:
            plans = as_objects(self.plans)
        return ReportQuery(self.queryset, list(plans), plans).records

    # Records

    def _iterator(self) -> Any:
        """Return a generator of the records."""
        size = self.chunk_size
        if self._backend.features.fetches_without_round_trip:
            size = min(FIRST_ROWS, size)
        return self.query.records.iterator(size)

    def _next_chunk(self, records: Iterator[Any]) -> list[Any]:
        """Return the next records: those of a batch, or of a chunk if it needs further queries."""
        if self.query.reads_chunks:
            size = self.chunk_size
        elif self.query.has_peers:  # Any function may run a query for each chunk.
            size = min(self._first or self.chunk_size, self.chunk_size)
        elif self.query.needs_instances:
            size = min(self._batch_size, CACHED_INSTANCES)
        else:
            size = self._batch_size
        return list(islice(records, size))

    @property
    def _batch_size(self) -> int:
        """Return the number of rows of the next batch."""
        return min(self.wanted or self._first or self.chunk_size, self.chunk_size)

    def _load(self, records: Sequence[Any]) -> Values:
        """Run the queries for a chunk; return the values that need no function."""
        if self._reads_rows:
            return {}
        query = self.query
        if query.needs_instances:
            query.load(records)
        values = query.values(records)
        keys = list(map(query.key, records)) if query.fetched else []
        for column in query.fetched:
            found = column.fetch(self.queryset.model, self.queryset.db, keys)
            values[column] = [found.get(key, []) for key in keys]
        return values

    # Rows

    def _serve(self, records: list[Any], values: Values) -> Iterator[Sequence[Row]]:
        """Yield the rows of a chunk in batches."""
        start = 0
        while start < len(records):
            part = slice(start, start + self._batch_size)
            if self._reads_rows:
                rows: Sequence[Row] = records[part]
            else:
                rows = self._formatter.rows(
                    records[part], {c: held[part] for c, held in values.items()}
                )
            self._first = None
            yield rows
            start += len(rows)
