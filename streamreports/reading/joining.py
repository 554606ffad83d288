"""Join the cells of adjacent columns of a CSV line in the database."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from streamreports.columns.bound import BoundColumn
from streamreports.reading.expressions import JoinedCells
from streamreports.reading.planner import ColumnPlan, Planner
from streamreports.values import CellFormatter

Plans = Mapping[BoundColumn, ColumnPlan]


def join_columns(columns: Sequence[BoundColumn], plans: Plans, planner: Planner) -> Plans:
    """Return plans for fewer columns, each of which may contain several cells of a CSV line.

    ``plans``: how the database prints each column. ``planner``: plans cells of CSV lines.
    """
    quoted = {
        column: planner.of(column) for column in columns if plans[column].expression is not None
    }

    def is_joined(column: BoundColumn) -> bool:
        return column in quoted and quoted[column].expression is not None

    joined: dict[BoundColumn, ColumnPlan] = {}
    for is_cell, group in groupby(columns, is_joined):
        members = list(group)
        if is_cell:
            cells = [quoted[column].expression for column in members]
            label = ", ".join(column.label for column in members)
            column = BoundColumn(name="", label=label, printer=CellFormatter())
            expression = JoinedCells(*cells, delimiter=planner.delimiter or "")
            joined[column] = ColumnPlan(expression, is_line_part=True)
        else:
            joined |= {column: plans[column] for column in members}
    return joined
