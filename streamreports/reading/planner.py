"""Decide which columns the database prints, and why it does not print the others."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connections, models
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Col
from django.db.models.query_utils import DeferredAttribute
from django.db.models.sql.query import Query
from django.utils import timezone

from streamreports.backends.base.operations import (
    TEXTUAL_KINDS,
    NotPrintableError,
    SqlValue,
    kind_of,
)
from streamreports.backends.registry import get_backend
from streamreports.columns.bound import BoundColumn, QueryColumn, ToManyColumn
from streamreports.formats.csv import quoted
from streamreports.reading.expressions import ChoiceText, JoinedText, Text
from streamreports.reading.instances import has_hooks
from streamreports.reading.result_types import output_kind, result_kind, target_of
from streamreports.values import TextOptions


@dataclass(frozen=True)
class ColumnPlan:
    """How the database prints a column, or why it does not.

    ``expression``: the text of the column. ``copy_expression``: the expression that COPY prints as
    this text, or the column's JSON.
    ``converter``: a function to call with each value before Python prints it.
    ``is_line_part``: whether the text is quoted for CSV, and may contain several cells.
    """

    expression: Any = None
    copy_expression: Any = None
    reason: str = ""
    converter: Callable[[Any], Any] | None = None
    is_line_part: bool = False


class Planner:
    """Decide for each column of a report whether the database prints its values.

    ``instances``: whether the rows are read as instances, which contain the values of their fields.
    ``delimiter``: the delimiter of CSV lines, for which cells are quoted.
    """

    def __init__(
        self,
        queryset: QuerySet[Any],
        options: TextOptions,
        *,
        instances: bool = False,
        delimiter: str | None = None,
    ) -> None:
        self.queryset = queryset
        self.instances = instances
        self.query = queryset.query
        self.options = options
        self.delimiter = delimiter
        self.backend = get_backend(connections[queryset.db])
        self.operations = self.backend.operations

    def of(self, column: BoundColumn) -> ColumnPlan:
        """Return how the database prints a column, or why it does not."""
        try:
            self._require(column)
            can_copy = self.delimiter is None and self.backend.features.can_copy_csv
            copied = self._text(column, bare=True) if can_copy else None
            return ColumnPlan(self._text(column), copied)
        except NotPrintableError as error:
            return ColumnPlan(reason=str(error), converter=self._converter(column))

    def _converter(self, column: BoundColumn) -> Callable[[Any], Any] | None:
        """Return the function that reverts changes of the database to a column's values, if any."""
        if self.backend.features.exact_decimal_expressions or not isinstance(column, QueryColumn):
            return None
        resolved = self._resolved(column)[1]
        is_decimal = isinstance(resolved.output_field, models.DecimalField)
        return without_zeros if is_decimal and not isinstance(resolved, Col) else None

    def _text(self, column: BoundColumn, *, bare: bool = False) -> Text | JoinedText:
        """Return the text of a column; raise NotPrintableError if the database cannot print it.

        ``bare``: return the expression that COPY prints as this text.
        """
        if isinstance(column, QueryColumn):
            return self._selected(column, bare)
        if isinstance(column, ToManyColumn):
            return self._joined(column, bare)
        raise NotPrintableError("a property, method or callable")

    def _require(self, column: BoundColumn) -> None:
        """Raise NotPrintableError for a column that the database cannot print."""
        if callable(column.printer.format):
            raise NotPrintableError("it has a format of its own")
        if self.instances and attribute_of(column, self.queryset) and not self._is_slow(column):
            raise NotPrintableError("the instance has it already")
        if self.query.distinct:
            raise NotPrintableError("the queryset is distinct")
        if not self.backend.features.has_default_output_settings:
            raise NotPrintableError("the date style or encoding of the server is not the default")

    def _is_slow(self, column: BoundColumn) -> bool:
        """Return True if printing a field's values in Python is slower than reading their text."""
        is_plain = self.query.group_by is None and not has_hooks(self.queryset.model)
        return is_plain and isinstance(column.field, models.DateTimeField)

    def _resolved(self, column: QueryColumn) -> tuple[Any, Any]:
        """Return the expression of a column, unresolved and resolved."""
        expression = F(column.expression) if column.is_path else column.expression
        return expression, expression.resolve_expression(self.query.chain(), allow_joins=True)

    def _selected(self, column: QueryColumn, bare: bool) -> Text:
        """Return the text of a column selected by the query."""
        expression, resolved = self._resolved(column)
        if column.choices is not None:
            return self._choice(column, expression, resolved, bare)
        template = self._template(resolved, column, bare=bare)
        # MariaDB does not support derived tables that refer to the outer query.
        once = self.backend.features.can_join_to_many and contains_subquery(resolved)
        return Text(expression, template, keep_null=bare, once=once)

    def _choice(
        self, column: QueryColumn, expression: Any, resolved: Any, bare: bool
    ) -> ChoiceText:
        """Return the text of a choice's label."""
        if not self.backend.features.distinguishes_case_in_choices:
            raise NotPrintableError("MySQL does not distinguish case")
        if column.printer.format is not None:
            raise NotPrintableError("it has a format of its own")
        field, connection = resolved.output_field, self.backend.connection
        labels = {
            field.get_db_prep_value(value, connection): self._label(column, label)
            for value, label in (column.choices or {}).items()
        }
        if None in labels or not labels:
            raise NotPrintableError("null is one of its choices")
        return ChoiceText(expression, self._template(resolved, column), labels, null_if_empty=bare)

    def _label(self, column: QueryColumn, label: str) -> str:
        """Return the label of a choice, as a cell."""
        text = column.printer.text(label, self.options)
        return text if self.delimiter is None else quoted([text], self.delimiter)[0]

    def _joined(self, column: ToManyColumn, bare: bool) -> JoinedText:
        """Return the texts of a to-many path, joined by a query for each object."""
        if not self.backend.features.can_join_to_many:
            raise NotPrintableError("MySQL truncates long joined texts")
        if self.query.group_by is not None or column.choices is not None:
            raise NotPrintableError("its values are read by a further query per chunk")
        resolved = F(column.source).resolve_expression(self.query.chain(), allow_joins=True)
        template = self._template(resolved, column, is_part=True)
        values = (
            column.objects(self.queryset.model, self.queryset.db)
            .filter(pk=OuterRef("pk"))
            .values(report_text=Text(F(column.source), template, keep_null=True))
        )
        separator, whole = self._join(column, output_kind(resolved), bare)
        return JoinedText(values, separator, whole, keep_null=bare)

    def _join(self, column: ToManyColumn, kind: str, bare: bool) -> tuple[str, str]:
        """Return the separator of values of a kind, and the template of the joined text."""
        # Joined numbers are not a formula.
        escape = self._escapes(column) and kind in TEXTUAL_KINDS
        whole = SqlValue(
            field=models.TextField(),
            zone=self._zone,
            escape_formulas=escape,
            delimiter=self.delimiter,
            bare=bare,
        )
        return column.printer.separator, self._print(whole)

    def _template(
        self, resolved: Any, column: BoundColumn, *, is_part: bool = False, bare: bool = False
    ) -> str:
        """Return the template that prints a resolved expression.

        ``is_part``: whether the value is only a part of a cell, which is escaped and quoted later.
        """
        value = SqlValue(
            field=target_of(resolved.output_field),
            zone=self._zone,
            escape_formulas=not is_part and self._escapes(column),
            decimal_separator=self.options.decimal_separator,
            format=column.printer.format,  # type: ignore[arg-type]  # A callable is refused above.
            is_column=isinstance(resolved, Col),
            is_choice=column.choices is not None,
            delimiter=None if is_part else self.delimiter,
            bare=bare,
        )
        target = output_kind(resolved)
        if target == "datetime" and self.options.naive_datetimes:
            raise NotPrintableError("the format prints datetimes without a UTC offset")
        kind = result_kind(resolved, self.operations)
        cast = self.operations.cast_template(kind, target, value)
        return self._print(value).replace("{x}", cast)

    def _print(self, value: SqlValue) -> str:
        """Return the template that prints a value."""
        return self.operations.text_template(value)

    @property
    def _zone(self) -> Any:
        return timezone.get_current_timezone()

    def _escapes(self, column: BoundColumn) -> bool:
        """Return True if formulas are escaped in a column."""
        return column.printer.escapes(self.options)


def without_zeros(value: Decimal | None) -> Decimal | None:
    """Return a decimal without trailing zeros, since floats are read with 15 digits."""
    return value.normalize() if isinstance(value, Decimal) else value


def attribute_of(column: BoundColumn, queryset: QuerySet[Any]) -> str:
    """Return the attribute of instances with the value of a column; empty if there is none."""
    if not isinstance(column, QueryColumn) or not column.is_path:
        return ""
    query = queryset.query
    if query.deferred_loading[0] or column.expression in query.annotation_select:
        return ""
    fields = {field.name: field for field in queryset.model._meta.concrete_fields}
    field = fields.get(column.expression)
    return field.attname if field is not None and holds_plain_values(field) else ""


def holds_plain_values(field: Any) -> bool:
    """Return True if an instance contains a field's value as returned by the database."""
    try:
        kind_of(target_of(field))
    except NotPrintableError:
        return False
    descriptor = vars(field.model).get(field.attname)
    return isinstance(descriptor, DeferredAttribute)


def contains_subquery(expression: Any) -> bool:
    """Return True if evaluating an expression runs a subquery."""
    if isinstance(expression, (Subquery, Query)):  # Django 6.1 resolves the former to the latter.
        return True
    return any(map(contains_subquery, getattr(expression, "get_source_expressions", list)()))
