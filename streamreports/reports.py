"""A report: a queryset and a list of columns, with no request in sight."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from streamreports.columns.base import Column
from streamreports.columns.bound import BoundColumn, InstanceColumn
from streamreports.exceptions import ColumnError
from streamreports.reading.planner import ColumnPlan
from streamreports.reading.query import check_columns
from streamreports.reading.rows import Row, RowReader
from streamreports.values import CellFormatter, TextOptions

DEFAULT_OPTIONS = TextOptions()


@dataclass(frozen=True)
class Explanation:
    """Tell how a report is read: the reader and why, and each column's label with its way."""

    reader: str
    reason: str
    columns: Sequence[tuple[str, str]]

    def __str__(self) -> str:
        width = max(len(label) for label, _ in self.columns)
        lines = [f"  {label:<{width}}  {way}" for label, way in self.columns]
        return "\n".join([f"Reads {self.reader}: {self.reason}.", *lines])


class Report:
    """Read a queryset through a list of columns, as rows of text.

    ``columns``: ``Column`` objects, or strings that stand for ``Column(string)``.
    ``chunk_size``: the most rows that are held at a time; prefetches run once for as many.

    Raises ``ColumnError``, an ``ImproperlyConfigured``, for columns that the queryset cannot give.
    Labels are in the language that is active when the report is made.
    """

    def __init__(
        self, queryset: QuerySet[Any], columns: Sequence[Column | str], *, chunk_size: int = 2000
    ) -> None:
        if not columns:
            raise ColumnError("A report has no columns.", "List what it should hold.")
        if isinstance(columns, str):
            raise ColumnError(f"{columns!r} is no list of columns.", f"Give [{columns!r}].")
        if chunk_size < 1:
            raise ColumnError(f"chunk_size is {chunk_size}.", "Give a positive number of rows.")
        self.queryset = queryset
        self.columns = [bind(column, queryset) for column in columns]
        self.chunk_size = chunk_size
        check_columns(queryset, self.columns)

    @property
    def header(self) -> list[str]:
        """Return the labels of the columns, escaped like any text."""
        return self.labels(DEFAULT_OPTIONS)

    def labels(self, style: TextOptions) -> list[str]:
        """Return the labels of the columns, printed in a style."""
        return [
            CellFormatter(escape_formulas=column.printer.escape_formulas).text(column.label, style)
            for column in self.columns
        ]

    def rows(self, options: TextOptions = DEFAULT_OPTIONS) -> Generator[Row, None, None]:
        """Yield each row as the texts of its columns."""
        with closing(self._reader(options).batches()) as batches:
            for batch in batches:
                yield from batch

    def _reader(self, options: TextOptions, *, native: bool = False) -> RowReader:
        """Return what reads the rows once, in the time zone that is active now.

        ``native``: read Python values instead of text.
        """
        return RowReader(self.queryset, self.columns, options, self.chunk_size, native=native)

    def exceeds(self, rows: int) -> bool:
        """Tell whether there are more rows than so many; the database counts no further."""
        return bool(self.queryset[rows : rows + 1].exists())

    def explain(self, options: TextOptions = DEFAULT_OPTIONS) -> Explanation:
        """Return how the report is read, and for each column why."""
        reader = self._reader(options)
        computed = [c.label for c in self.columns if isinstance(c, InstanceColumn)]
        if computed:
            way, reason = "model instances", f"needed by {', '.join(computed)}"
        elif reader.is_text:
            way = "text rows" if reader.why_not_copy() else "with COPY"
            reason = "the database prints every column"
        else:
            way, reason = "text rows", "no column needs the model instance"
        ways = [(column.label, way_of(column, plan)) for column, plan in reader.plans.items()]
        return Explanation(way, reason, ways)


def bind(column: Column | str, queryset: QuerySet[Any]) -> BoundColumn:
    """Return a column bound to a queryset; a string is short for ``Column(string)``."""
    if isinstance(column, str):
        column = Column(column)
    if not isinstance(column, Column):
        raise ColumnError(
            f"{column!r} is not a column.", "List strings and Column objects; wrap it in Column()."
        )
    return column.bind(queryset)


def way_of(column: BoundColumn, plan: ColumnPlan) -> str:
    """Return how a column comes by its text."""
    if isinstance(column, InstanceColumn):
        return f"needs the instance: {plan.reason}"
    if plan.expression is None:
        return f"printed in Python: {plan.reason}"
    return "printed by the database"
