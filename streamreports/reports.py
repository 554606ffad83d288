"""A report: a queryset and a list of columns, independent of any request."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, QuerySet
from django.utils import timezone

from streamreports.columns.base import Column
from streamreports.columns.bound import (
    BatchColumn,
    BoundColumn,
    InstanceColumn,
    PrefetchedColumn,
    ToManyColumn,
)
from streamreports.columns.listing import bind, name_errors, require_columns, require_queryset
from streamreports.exceptions import ReportError
from streamreports.formats.base import Format, OutputColumn
from streamreports.formats.csv import CsvFormat
from streamreports.reading.combined import check_combined
from streamreports.reading.formatting import Row
from streamreports.reading.monitor import MONITORED_ROWS, RepeatedQuery
from streamreports.reading.planner import ColumnPlan
from streamreports.reading.query import check_columns
from streamreports.reading.rows import RowReader
from streamreports.values import CellFormatter, TextOptions
from streamreports.writing.blocks import Stream
from streamreports.writing.files import BinaryFile, Written, write_stream

DEFAULT_OPTIONS = TextOptions()


@dataclass(frozen=True)
class Explanation:
    """How a report is read: the kind of reader and why, and the same for each column's label.

    ``queries``: those that functions run for each row, if the report was analyzed.
    """

    reader: str
    reason: str
    columns: Sequence[tuple[str, str]]
    queries: Sequence[RepeatedQuery] = ()

    def __str__(self) -> str:
        width = max(len(label) for label, _ in self.columns)
        lines = [f"  {label:<{width}}  {way}" for label, way in self.columns]
        first = f"Reads {self.reader}: {self.reason}."
        return "\n".join([first, *lines, *map(str, self.queries)])


class Report:
    """Read a queryset through a list of columns, as rows of text.

    ``columns``: ``Column`` objects, or strings that stand for ``Column(string)``.
    ``chunk_size``: the most rows that are held at a time; prefetches run once for as many.

    Raises ``ReportError``, an ``ImproperlyConfigured``, for anything but a queryset and a list of
    columns, and ``ColumnError`` for columns that the queryset cannot provide.
    Labels are in the language that is active when the report is made.
    """

    def __init__(
        self, queryset: QuerySet[Any], columns: Sequence[Column | str], *, chunk_size: int = 2000
    ) -> None:
        require_queryset(queryset)
        listed = require_columns(columns)
        if not isinstance(chunk_size, int) or chunk_size < 1:
            raise ReportError(f"chunk_size is {chunk_size!r}.", "Use an integer of at least 1.")
        # Routers may choose another database each time they are asked, so they are asked once.
        queryset = queryset.using(queryset.db)
        self.queryset = queryset
        self.columns = [bind(column, queryset) for column in listed]
        self.chunk_size = chunk_size
        check_columns(queryset, self.columns)
        if queryset.query.combinator:
            check_combined(queryset, self.columns)

    @property
    def names(self) -> list[str]:
        """Return the names of the columns; empty for those that have none."""
        return [column.name for column in self.columns]

    @property
    def header(self) -> list[str]:
        """Return the labels of the columns, with formulas escaped."""
        return [header_of(column, DEFAULT_OPTIONS) for column in self.columns]

    def rows(self, options: TextOptions = DEFAULT_OPTIONS) -> Generator[Row, None, None]:
        """Yield each row as the texts of its columns."""
        with closing(self._reader(options).batches()) as batches:
            for batch in batches:
                yield from batch

    def stream(self, format: Format, *, early_header: bool = False) -> Stream:
        """Return an iterator over the file in blocks of bytes; close it in the end.

        It counts the ``rows`` and ``bytes`` that it has returned. The time zone and language are
        those that are active for the first block. With ``early_header``, that has the header only,
        and is returned before the query runs.

        Raises ``ReportError`` if the format is invalid, and ``ColumnError`` if it needs names of
        the columns and they have none. Runs no query.
        """
        if not isinstance(format, Format):
            raise ReportError(
                f"{format!r} is not a format.", "Give an instance of one, such as CsvFormat()."
            )
        format.validate()
        for error in name_errors(self.columns, type(format).__name__) if format.needs_names else ():
            raise error
        return Stream(partial(self._open, format), format, report=self, early_header=early_header)

    def write(self, file: BinaryFile, format: Format) -> Written:
        """Write the report to a binary file; return the number of ``rows`` and ``bytes``."""
        return write_stream(self.stream(format), file)

    def _open(self, format: Format) -> tuple[RowReader, list[OutputColumn]]:
        """Return what reads the rows for a format, and the columns as the format sees them."""
        native = format.wants == "native"
        options = format.options
        columns = [
            OutputColumn(
                column.name,
                column.label if native else header_of(column, options),
                None if is_printed(column) else column.field,
            )
            for column in self.columns
        ]
        lines = format.get_copy_options()
        delimiter = None if lines is None else lines.delimiter
        return self._reader(options, native=native, delimiter=delimiter), columns

    def _reader(
        self, options: TextOptions, *, native: bool = False, delimiter: str | None = None
    ) -> RowReader:
        """Return what reads the rows once, in the time zone that is active now.

        ``native``: read Python values instead of text. ``delimiter``: that of CSV lines.
        """
        return RowReader(
            self.queryset,
            self.columns,
            options,
            self.chunk_size,
            native=native,
            delimiter=delimiter,
        )

    def exceeds(self, rows: int) -> bool:
        """Return True if there are more rows than that; the database counts no further."""
        more = self.queryset[rows : rows + 1]
        if more.query.combinator:  # There exists() looks at one of the querysets.
            return bool(more)
        return more.exists()

    def explain(self, format: Format | None = None, *, analyze: bool = False) -> Explanation:
        """Return how the report is read for a format, by default CSV, and for each column why.

        ``analyze``: read the first 50 rows, and find the queries that functions run for each row.
        """
        output = format or CsvFormat()
        reader = self._reader(output.options, native=output.wants == "native")
        computed = [c.label for c in self.columns if isinstance(c, (InstanceColumn, BatchColumn))]
        if computed:
            way, reason = "model instances", f"needed by {', '.join(computed)}"
        elif reader.is_text:
            can_copy = output.get_copy_options() is not None and not reader.why_not_copy()
            way = "with COPY" if can_copy else "text rows"
            reason = "the database prints every column"
        else:
            way = f"{output.wants} rows"
            reason = "no column needs the model instance"
        ways = [(column.label, way_of(column, plan)) for column, plan in reader.plans.items()]
        return Explanation(way, reason, ways, self._repeated_queries() if analyze else ())

    def _repeated_queries(self) -> Sequence[RepeatedQuery]:
        """Return the queries that functions run for each of the first rows."""
        rows = self.queryset[:MONITORED_ROWS]
        reader = RowReader(rows, self.columns, DEFAULT_OPTIONS, self.chunk_size)
        if reader.monitor is None:
            return ()
        with closing(reader.batches()) as batches:
            for _ in batches:
                pass
        return reader.monitor.repeated()


def header_of(column: BoundColumn, options: TextOptions) -> str:
    """Return the header of a column; if datetimes have no UTC offset, it names the time zone."""
    label = column.label
    if options.naive_datetimes and settings.USE_TZ and has_datetimes(column):
        label = f"{label} ({timezone.get_current_timezone()})"
    return CellFormatter(escape_formulas=column.printer.escape_formulas).text(label, options)


def has_datetimes(column: BoundColumn) -> bool:
    """Return True for a column of datetimes without a format of its own."""
    return isinstance(column.field, DateTimeField) and column.printer.format is None


def is_printed(column: BoundColumn) -> bool:
    """Return True if the cells of a column are not values of its field, whatever the format."""
    return (
        column.printer.format is not None
        or column.choices is not None
        or isinstance(column, (ToManyColumn, PrefetchedColumn))
    )


def way_of(column: BoundColumn, plan: ColumnPlan) -> str:
    """Return how the text of a column is made."""
    if isinstance(column, (InstanceColumn, BatchColumn)):
        return f"needs the instance: {plan.reason}"
    if plan.expression is None:
        return f"printed in Python: {plan.reason}"
    return "printed by the database"
