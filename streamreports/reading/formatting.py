"""Convert the values of a report to rows, a column at a time."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Model

from streamreports.columns.bound import BoundColumn, InstanceColumn
from streamreports.formats.base import Wants
from streamreports.formats.csv import quoted
from streamreports.reading.cells import native_cells, text_cells
from streamreports.reading.monitor import QueryMonitor
from streamreports.reading.planner import ColumnPlan
from streamreports.values import TextOptions

SLOW_ROWS_SECONDS = 0.5  # how long finished rows may wait for slow functions

Row = Sequence[Any]
Values = dict[BoundColumn, Sequence[Any]]


class RowFormatter:
    """Print the values of each column as its cells, and call the functions of the columns.

    ``wants``: the type of cells that the format requires. ``delimiter``: the delimiter of CSV
    lines, for which cells are quoted. ``monitor``: counts the queries of functions, if there are
    any.
    """

    def __init__(
        self,
        columns: Sequence[BoundColumn],
        plans: Mapping[BoundColumn, ColumnPlan],
        options: TextOptions,
        *,
        wants: Wants,
        delimiter: str | None,
        monitor: QueryMonitor | None,
    ) -> None:
        self.columns = columns
        self.plans = plans
        self.options = options
        self.wants = wants
        self.delimiter = delimiter
        self.monitor = monitor

    def rows(self, records: Sequence[Any], values: Values) -> list[Row]:
        """Return rows; functions are called row by row, other cells are printed by column.

        If the functions are slow, there are fewer rows than records.
        """
        called = self._call(records, values)
        size = len(next(iter(called.values()))) if called else len(records)
        cells = [
            called[column]
            if column in called and callable(column.printer.format)
            else self._cells(column, called.get(column) or values[column][:size])
            for column in self.columns
        ]
        if self.delimiter is not None:
            cells = [
                values if self.plans[column].is_line_part else quoted(values, self.delimiter)
                for column, values in zip(self.columns, cells, strict=True)
            ]
        return list(zip(*cells, strict=True))

    def _call(self, records: Sequence[Any], values: Values) -> Values:
        """Call the functions of the columns and their formats, row by row.

        Return the values of columns with functions, for the rows that are ready in time.
        """
        calls = {
            column: self._calls(column, records, values)
            for column in self.columns
            if isinstance(column, InstanceColumn) or callable(column.printer.format)
        }
        if not calls:
            return {}
        monitor = self.monitor
        if monitor is None or monitor.is_done:
            rows = in_time(zip(*calls.values(), strict=True))
        else:
            watched = [monitor.watch(column, cells) for column, cells in calls.items()]
            with monitor.listening():
                rows = in_time(zip(*watched, strict=True))
            monitor.add(len(rows))
        return dict(zip(calls, zip(*rows, strict=True), strict=True))

    def _calls(
        self, column: BoundColumn, records: Sequence[Any], values: Values
    ) -> Iterator[object]:
        """Yield the result of a column's function for each record, and its formatted value."""
        found: Iterator[Any]
        if isinstance(column, InstanceColumn):
            found = results(column, column.function, records)
        else:
            found = iter(values[column])
        if not callable(column.printer.format):
            return found
        return results(column, lambda value: self._cells(column, [value])[0], found)

    def _cells(self, column: BoundColumn, values: Sequence[Any]) -> Sequence[Any]:
        """Return the cells of a column; values printed by the database are already text."""
        plan = self.plans[column]
        if plan.expression is not None:
            return values
        if plan.converter is not None:
            values = list(map(plan.converter, values))
        if self.wants == "text":
            return text_cells(column, values, self.options)
        return native_cells(column, values, nested=self.wants == "nested")


def results(
    column: BoundColumn, function: Callable[[Any], object], arguments: Iterable[Any]
) -> Iterator[object]:
    """Yield the result of a column's function for each argument; add a note to its errors."""
    try:
        for argument in arguments:
            yield function(argument)
    except Exception as error:
        error.add_note(f"The column {column.described} failed for {described(argument)}.")
        raise


def described(argument: Any) -> str:
    """Return a description of an argument for messages, without values, which may be personal."""
    if isinstance(argument, Model):
        return f"the {type(argument).__name__} with the primary key {argument.pk!r}"
    return f"a value of the type {type(argument).__name__}"


def in_time(rows: Iterator[Row]) -> list[Row]:
    """Return the rows that are ready in time, at least one."""
    ready = []
    deadline = time.monotonic() + SLOW_ROWS_SECONDS
    for row in rows:
        ready.append(row)
        if time.monotonic() > deadline:
            break
    return ready
