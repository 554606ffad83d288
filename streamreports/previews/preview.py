"""Read the first rows of a report, and estimate the rest, within a time limit."""

from collections.abc import Sequence
from contextlib import closing
from copy import copy
from dataclasses import dataclass

from django.db import connections

from streamreports.backends.base.backend import Backend
from streamreports.backends.base.time_limits import Deadline
from streamreports.backends.registry import get_backend
from streamreports.columns.bound import BoundColumn
from streamreports.exceptions import TimeLimitError
from streamreports.formats.base import Format, OutputColumn
from streamreports.previews.cells import PreviewCell, PreviewColumn, preview_cells
from streamreports.previews.counting import count_rows
from streamreports.previews.figures import FileSize, RowCount
from streamreports.reading.formatting import Row
from streamreports.reports import Report

PREVIEWED_ROWS = 50
TIME_LIMIT = 2.0  # seconds
ROWS_SHARE = 0.75  # of the time limit: if the rows take longer, counting them may not


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The first rows of a report, the number of rows, and the size of the file.

    ``rows``: a cell for each column; those that were read in time, if ``rows_timed_out``.
    ``count``: None if counting took too long.
    ``size``: of the file; None if there is nothing to estimate it from.
    """

    columns: Sequence[PreviewColumn]
    rows: Sequence[Sequence[PreviewCell]]
    rows_timed_out: bool
    count: RowCount | None
    size: FileSize | None


def preview_report(
    report: Report,
    format: Format,
    *,
    rows: int = PREVIEWED_ROWS,
    time_limit: float = TIME_LIMIT,
) -> Preview:
    """Return the first rows of a report, as they would be in a file of a format.

    ``rows``: the number of rows to read. ``time_limit``: in seconds; parts that take longer are
    left out. All statements run through the report's connection, in a transaction that only reads,
    or in the one that is open already.

    Raises ``ReportError`` if the report cannot be written in the format, and database errors other
    than those of the time limit.
    """
    report.require_format(format)
    backend = get_backend(connections[report.queryset.db])
    deadline = Deadline(time_limit)
    with backend.open_transaction():
        sample = read_sample(report, format, backend, rows, time_limit * ROWS_SHARE)
        if not sample.timed_out and len(sample.rows) < rows:
            count: RowCount | None = RowCount(len(sample.rows))
        else:
            count = count_in_time(report, backend, deadline.remaining)
    return Preview(
        columns=preview_columns(sample.columns),
        rows=preview_rows(report.columns, sample.rows, format),
        rows_timed_out=sample.timed_out,
        count=count,
        size=estimate_size(sample, count, format),
    )


@dataclass(frozen=True)
class Sample:
    """The first rows of a report, and its columns, as a format sees them.

    ``timed_out``: whether reading them exceeded the time limit.
    """

    columns: Sequence[OutputColumn]
    rows: Sequence[Row]
    timed_out: bool


def read_sample(
    report: Report, format: Format, backend: Backend, number: int, seconds: float
) -> Sample:
    """Return the first rows of a report, as many as can be read in time."""
    reader, columns = report.first_rows(number).open(format, as_lines=False)
    rows: list[Row] = []
    deadline = Deadline(seconds)
    try:
        with backend.limit_time(seconds), closing(reader.batches()) as batches:
            for batch in batches:
                rows += batch
                deadline.check()  # The functions of columns take time as well.
    except TimeLimitError:
        return Sample(columns, rows, timed_out=len(rows) < number)
    return Sample(columns, rows, timed_out=False)


def count_in_time(report: Report, backend: Backend, seconds: float) -> RowCount | None:
    """Return the number of rows of a report; None if counting takes too long."""
    try:
        with backend.limit_time(seconds):
            return count_rows(report)
    except TimeLimitError:
        return None


def estimate_size(sample: Sample, count: RowCount | None, format: Format) -> FileSize | None:
    """Return the size of a file, given its first rows and their number; None if they are not."""
    if count is None or (not sample.rows and count.number):
        return None
    measured = size_of(sample.columns, sample.rows, format)
    if count.is_exact and count.number == len(sample.rows):
        return FileSize(measured)
    empty = size_of(sample.columns, [], format)
    estimate = empty + (measured - empty) * count.number // len(sample.rows)
    return FileSize(estimate, is_exact=False, is_lower_bound=count.is_lower_bound)


def size_of(columns: Sequence[OutputColumn], rows: Sequence[Row], format: Format) -> int:
    """Return the size of a file of some rows, in bytes."""
    batches = [rows] if rows else []
    used = copy(format)  # A format is for one file.
    return sum(map(len, used.compress(used.encode(columns, batches))))


def preview_columns(columns: Sequence[OutputColumn]) -> list[PreviewColumn]:
    """Return the columns of a preview."""
    return [PreviewColumn(column.name, column.label, column.is_number) for column in columns]


def preview_rows(
    columns: Sequence[BoundColumn], rows: Sequence[Row], format: Format
) -> Sequence[Sequence[PreviewCell]]:
    """Return rows as a preview shows them."""
    cells = [
        preview_cells(column, values, format)
        for column, values in zip(columns, zip(*rows, strict=True), strict=False)
    ]
    return list(zip(*cells, strict=True))
