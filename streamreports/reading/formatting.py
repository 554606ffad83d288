"""Turn the values of a report into rows, a column at a time."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from streamreports.columns.bound import BoundColumn, InstanceColumn
from streamreports.formats.csv import quoted
from streamreports.reading.cells import native_cells, text_cells
from streamreports.reading.monitor import QueryMonitor
from streamreports.reading.planner import ColumnPlan
from streamreports.values import TextOptions

SLOW_ROWS_SECONDS = 0.5  # how long rows that are ready wait for slow functions

Row = Sequence[Any]
Values = dict[BoundColumn, Sequence[Any]]


class RowFormatter:
    """Print the values of each column as its cells, and call the functions of the columns.

    ``native``: whether cells are Python values. ``delimiter``: that of CSV lines, for which cells
    are quoted. ``monitor``: watches the queries of the functions, if there are any.
    """

    def __init__(
        self,
        columns: Sequence[BoundColumn],
        plans: Mapping[BoundColumn, ColumnPlan],
        options: TextOptions,
        *,
        native: bool,
        delimiter: str | None,
        monitor: QueryMonitor | None,
    ) -> None:
        self.columns = columns
        self.plans = plans
        self.options = options
        self.native = native
        self.delimiter = delimiter
        self.monitor = monitor

    def rows(self, records: Sequence[Any], values: Values) -> list[Row]:
        """Return rows, cell by cell where functions are called and else by column.

        There are fewer rows than records if the functions are slow.
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

        Return the values of the columns that have any, for as many rows as are ready in time.
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
        """Yield what the function of a column returns for each record, and its format for that."""
        found: Iterator[Any]
        if isinstance(column, InstanceColumn):
            function: Callable[[Any], object] = column.function
            found = (function(record) for record in records)
        else:
            found = iter(values[column])
        if not callable(column.printer.format):
            return found
        return (self._cells(column, [value])[0] for value in found)

    def _cells(self, column: BoundColumn, values: Sequence[Any]) -> Sequence[Any]:
        """Return the cells of a column; what the database printed is text already."""
        plan = self.plans[column]
        if plan.expression is not None:
            return values
        if plan.converter is not None:
            values = list(map(plan.converter, values))
        cells = native_cells if self.native else text_cells
        return cells(column, values, self.options)


def in_time(rows: Iterator[Row]) -> list[Row]:
    """Return the rows that are ready in time, at least one."""
    ready = []
    deadline = time.monotonic() + SLOW_ROWS_SECONDS
    for row in rows:
        ready.append(row)
        if time.monotonic() > deadline:
            break
    return ready
