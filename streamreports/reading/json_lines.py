"""Lines of JSON written by the database."""

from collections.abc import Mapping
from dataclasses import replace
from json.encoder import encode_basestring
from typing import Any

from django.db.models import QuerySet

from streamreports.backends.base.operations import NotPrintableError, SqlValue
from streamreports.columns.bound import BoundColumn, ToManyColumn
from streamreports.reading.expressions import JsonObject
from streamreports.reading.planner import ColumnPlan, Planner
from streamreports.values import CellFormatter, JsonOptions


class NativePlanner(Planner):
    """Read the values of all columns unchanged."""

    def of(self, column: BoundColumn) -> ColumnPlan:
        """Return how the values of a column are read."""
        reason = "the format wants native values"
        return ColumnPlan(reason=reason, converter=self._converter(column))


class JsonPlanner(NativePlanner):
    """Decide for each column whether COPY can write its values as JSON."""

    def __init__(self, queryset: QuerySet[Any], options: JsonOptions) -> None:
        super().__init__(queryset, options)
        self.decimals_as_numbers = options.decimals_as_numbers

    def of(self, column: BoundColumn) -> ColumnPlan:
        """Return how the values of a column are read, and how COPY writes them."""
        plan = super().of(column)
        try:
            self._require(column)
            return replace(plan, copy_expression=self._text(column, bare=True))
        except NotPrintableError as error:
            return replace(plan, reason=str(error))

    def _print(self, value: SqlValue) -> str:
        """Return the template that prints a value as JSON."""
        value = replace(value, bare=False)
        return self.operations.json_template(value, decimals_as_numbers=self.decimals_as_numbers)

    def _label(self, column: BoundColumn, label: str) -> str:
        """Return the label of a choice as JSON."""
        return encode_basestring(column.printer.text(label, self.options))

    def _join(self, column: ToManyColumn, kind: str, bare: bool) -> tuple[str, str]:
        """Return the separator of JSON values, and the template of an array."""
        return ",", "'[' || {x} || ']'"


def as_objects(plans: Mapping[BoundColumn, ColumnPlan]) -> dict[BoundColumn, ColumnPlan]:
    """Return the plan of one column with the lines, which contain the columns as members.

    ``plans``: the plan of COPY for each column.
    """
    line = JsonObject({column.name: plan.copy_expression for column, plan in plans.items()})
    column = BoundColumn(name="", label="", printer=CellFormatter())
    return {column: ColumnPlan(line)}
