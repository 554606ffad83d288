"""A report: a queryset and a list of columns, independent of requests."""

from collections.abc import Generator, Sequence
from contextlib import closing
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, QuerySet
from django.utils import timezone
from django.utils.text import capfirst

from streamreports.columns.base import Column
from streamreports.columns.bound import (
    BatchColumn,
    BoundColumn,
    InstanceColumn,
    is_number,
)
from streamreports.columns.listing import bind, name_errors, require_columns, require_queryset
from streamreports.columns.permissions import HasPermission, permitted, user_permissions
from streamreports.escaping import replace_unencodable
from streamreports.exceptions import ReportError
from streamreports.formats.base import Format, OutputColumn, Wants
from streamreports.formats.csv import CsvFormat
from streamreports.reading.cells import TO_MANY
from streamreports.reading.combined import check_combined
from streamreports.reading.formatting import Row
from streamreports.reading.monitor import MONITORED_ROWS, RepeatedQuery
from streamreports.reading.output_fields import output_field
from streamreports.reading.planner import ColumnPlan
from streamreports.reading.query import check_columns, is_grouped
from streamreports.reading.rows import RowReader
from streamreports.reading.statements import statement_of
from streamreports.values import CellFormatter, TextOptions
from streamreports.writing.blocks import Stream
from streamreports.writing.files import BinaryFile, Written, write_stream

DEFAULT_OPTIONS = TextOptions()


@dataclass(frozen=True)
class Explanation:
    """How a report and its columns are read, and why.

    ``queries``: the queries that functions run for each row, if the report was analyzed.
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

    ``columns``: ``Column`` objects and strings, which are short for ``Column(string)``.
    ``chunk_size``: the maximum number of rows in memory; prefetches run once per chunk.

    Raises ``ReportError``, an ``ImproperlyConfigured``, if an argument is not a queryset or a list
    of columns, and ``ColumnError`` for columns that the queryset cannot provide.

    ``user``: the user who reads the report; columns without this user's permission are left out.
    ``has_permission``: a function that takes a ``Column`` and returns whether to include it,
    instead of ``user``. Without either, a column with a permission raises ``ReportError``. If no
    column is left, ``PermissionDenied`` is raised.

    Labels are in the language that is active when the report is created.
    """

    def __init__(
        self,
        queryset: QuerySet[Any],
        columns: Sequence[Column | str],
        *,
        user: Any = None,
        has_permission: HasPermission | None = None,
        chunk_size: int = 2000,
    ) -> None:
        require_queryset(queryset)
        listed = permitted(require_columns(columns), has_permission or user_permissions(user))
        if not isinstance(chunk_size, int) or chunk_size < 1:
            raise ReportError(f"chunk_size is {chunk_size!r}.", "Use an integer of at least 1.")
        # A router may return a different database for each call, so it is called once.
        queryset = queryset.using(queryset.db)
        self.queryset = queryset
        self.columns = [bind(column, queryset) for column in listed]
        self.chunk_size = chunk_size
        check_columns(queryset, self.columns)
        if queryset.query.combinator:
            check_combined(queryset, self.columns)

    @property
    def names(self) -> list[str]:
        """Return the names of the columns; an empty string for a column without a name."""
        return [column.name for column in self.columns]

    @property
    def header(self) -> list[str]:
        """Return the labels of the columns, with formulas escaped."""
        return [header_of(column, DEFAULT_OPTIONS) for column in self.columns]

    def rows(self, options: TextOptions = DEFAULT_OPTIONS) -> Generator[Row, None, None]:
        """Yield each row as a sequence of strings, one for each column."""
        with closing(self._reader(options).batches()) as batches:
            for batch in batches:
                yield from batch

    def stream(self, format: Format, *, early_header: bool = False) -> Stream:
        """Return an iterator over the file in blocks of bytes; close it when done.

        It counts the ``rows`` and ``bytes`` returned so far. The time zone and language are those
        active for the first block. With ``early_header``, the first block contains only the header,
        and is returned before the query runs.

        Raises ``ReportError`` if the format is invalid, and ``ColumnError`` if the format needs
        column names and a column has none. Runs no query.
        """
        self.require_format(format)
        return Stream(partial(self.open, format), format, report=self, early_header=early_header)

    def write(self, file: BinaryFile, format: Format) -> Written:
        """Write the report to a binary file; return the number of ``rows`` and ``bytes``."""
        return write_stream(self.stream(format), file)

    def require_format(self, format: Format) -> None:
        """Raise ReportError if the report cannot be written in a format."""
        if not isinstance(format, Format):
            raise ReportError(
                f"{format!r} is not a format.", "Give an instance of one, such as CsvFormat()."
            )
        format.validate()
        for error in name_errors(self.columns, type(format).__name__) if format.needs_names else ():
            raise error

    def first_rows(self, number: int) -> "Report":
        """Return a report of the first rows only."""
        report = copy(self)
        report.queryset = self.queryset[:number]
        return report

    def open(
        self, format: Format, *, as_lines: bool = True
    ) -> tuple[RowReader, list[OutputColumn]]:
        """Return the reader of the rows for a format, and the columns for the format.

        ``as_lines``: whether a row may consist of parts of CSV lines instead of cells.
        """
        options = format.options
        format.title = format.title or capfirst(str(self.queryset.model._meta.verbose_name_plural))
        columns = [
            OutputColumn(
                column.name,
                header_of(column, options)
                if format.wants == "text"
                else replace_unencodable(label_of(column, options)),
                output_field(column, self.queryset, nested=format.wants == "nested"),
                is_number=is_number(column),
                safe=column.safe,
                is_list=format.wants == "nested" and isinstance(column, TO_MANY),
            )
            for column in self.columns
        ]
        lines = format.get_copy_options()
        delimiter = lines.delimiter if as_lines and lines is not None else None
        return self._reader(options, wants=format.wants, delimiter=delimiter), columns

    def _reader(
        self, options: TextOptions, *, wants: Wants = "text", delimiter: str | None = None
    ) -> RowReader:
        """Return a reader that reads the rows once, in the current time zone.

        ``wants``: the type of the cells. ``delimiter``: the delimiter of CSV lines.
        """
        return RowReader(
            self.queryset,
            self.columns,
            options,
            self.chunk_size,
            wants=wants,
            delimiter=delimiter,
        )

    @property
    def records(self) -> QuerySet[Any]:
        """Return a queryset that has as many records as the report has rows.

        With values(), the columns determine the distinct rows or the groups.
        """
        query = self.queryset.query
        if query.combinator or not is_grouped(self.queryset):
            return self.queryset
        records = self._reader(DEFAULT_OPTIONS).query.records
        # Django cannot count groups of which only aggregates are selected.
        return records if query.distinct else records.values_list(*query.values_select)

    def exceeds(self, rows: int) -> bool:
        """Return True if there are more rows; the database stops counting at this number."""
        more = self.records[rows : rows + 1]
        if more.query.combinator:  # For these, exists() checks only one of the querysets.
            return bool(more)
        return more.exists()

    def explain(self, format: Format | None = None, *, analyze: bool = False) -> Explanation:
        """Return how the report and each column are read for a format, by default CSV, and why.

        ``analyze``: read the first 50 rows, and find the queries that functions run for each row.
        """
        output = format or CsvFormat()
        reader = self._reader(output.options, wants=output.wants)
        copied = output.get_copy_options() is not None and not reader.why_not_copy()
        computed = [c.label for c in self.columns if isinstance(c, (InstanceColumn, BatchColumn))]
        if computed:
            way, reason = "model instances", f"needed by {', '.join(computed)}"
        elif copied or reader.is_text:
            way = "with COPY" if copied else "text rows"
            reason = "the database prints every column"
        else:
            way = "text rows" if output.wants == "text" else "native rows"
            reason = "no column needs the model instance"
        ways = [
            (column.label, way_of(column, plan, copied=copied))
            for column, plan in reader.plans.items()
        ]
        return Explanation(way, reason, ways, self._repeated_queries() if analyze else ())

    def sql(self, format: Format | None = None) -> str:
        """Return the SQL that reads the rows for a format, by default CSV.

        COPY and prefetch queries are not included. The result is empty if no query is needed, as
        for ``none()``.
        """
        output = format or CsvFormat()
        reader, _ = self.open(output)
        return statement_of(reader, output.get_copy_options())

    def _repeated_queries(self) -> Sequence[RepeatedQuery]:
        """Return the queries that functions run for each of the first rows."""
        reader = self.first_rows(MONITORED_ROWS)._reader(DEFAULT_OPTIONS)
        if reader.monitor is None:
            return ()
        with closing(reader.batches()) as batches:
            for _ in batches:
                pass
        return reader.monitor.repeated()


def header_of(column: BoundColumn, options: TextOptions) -> str:
    """Return the header of a column in text formats."""
    printer = CellFormatter(escape_formulas=column.printer.escape_formulas)
    return printer.text(label_of(column, options), options)


def label_of(column: BoundColumn, options: TextOptions) -> str:
    """Return the label of a column; if datetimes have no UTC offset, it names the time zone."""
    if options.naive_datetimes and settings.USE_TZ and has_datetimes(column):
        return f"{column.label} ({timezone.get_current_timezone()})"
    return column.label


def has_datetimes(column: BoundColumn) -> bool:
    """Return True for a column of datetimes without a custom format."""
    return isinstance(column.field, DateTimeField) and column.printer.format is None


def way_of(column: BoundColumn, plan: ColumnPlan, *, copied: bool) -> str:
    """Return how the text of a column is created. ``copied``: whether COPY writes it."""
    if isinstance(column, (InstanceColumn, BatchColumn)):
        return f"needs the instance: {plan.reason}"
    if plan.expression is None and not copied:
        return f"printed in Python: {plan.reason}"
    return "printed by the database"
