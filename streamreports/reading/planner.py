"""Which columns the database prints, and why it does not print the others."""

from dataclasses import dataclass
from typing import Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, OuterRef, QuerySet
from django.db.models.expressions import Col, CombinedExpression, Value
from django.db.models.functions import Coalesce, Lower, Upper
from django.utils import timezone

from streamreports.backends.base.operations import (
    RULES,
    ChoiceText,
    JoinedText,
    NotPrintableError,
    SqlValue,
    Text,
    ip_address,
    template_for,
    text,
)
from streamreports.columns.bound import BoundColumn, QueryColumn, ToManyColumn
from streamreports.values import TextOptions

# Expressions to which the database gives the type that Django says they have.
EXACT_EXPRESSIONS = (Col, Value, CombinedExpression, Coalesce, Lower, Upper, models.Count)
EXACT_CONNECTORS = {"+", "-", "*"}
EXACT_FIELDS = (models.IntegerField, models.CharField, models.TextField)


@dataclass(frozen=True)
class ColumnPlan:
    """How the database prints a column: by an expression, or not at all, for a reason."""

    expression: Any = None
    reason: str = ""


class Planner:
    """Decide, column by column, who prints a report's values, in a style and the current zone.

    ``instances``: whether the rows are read as instances, which hold their own fields' values.
    """

    def __init__(
        self, queryset: QuerySet[Any], style: TextOptions, *, instances: bool = False
    ) -> None:
        self.queryset = queryset
        self.instances = instances
        self.query = queryset.query
        self.style = style
        self.connection = connections[queryset.db]

    def of(self, column: BoundColumn) -> ColumnPlan:
        """Return how the database prints a column, or why it does not."""
        try:
            self._require(column)
            if isinstance(column, QueryColumn):
                return ColumnPlan(self._selected(column))
            if isinstance(column, ToManyColumn):
                return ColumnPlan(self._joined(column))
        except NotPrintableError as error:
            return ColumnPlan(reason=str(error))
        return ColumnPlan(reason="a property, method or callable")

    def _require(self, column: BoundColumn) -> None:
        """Raise NotPrintableError where no column can be printed like this one."""
        if column.printer.format is not None:
            raise NotPrintableError("it has a format of its own")
        if self.instances and attribute_of(column, self.queryset):
            raise NotPrintableError("the instance has it already")
        if self.query.distinct:
            raise NotPrintableError("the queryset is distinct")
        if self.connection.vendor == "postgresql" and not speaks_plainly(self.connection):
            raise NotPrintableError("the server prints dates, or encodes text, in a way of its own")

    def _selected(self, column: QueryColumn) -> Text:
        """Return the text of a column that is selected."""
        expression = F(column.expression) if column.is_path else column.expression
        resolved = expression.resolve_expression(self.query.chain(), allow_joins=True)
        self._require_exact(resolved)
        template = self._template(resolved, self._escapes(column))
        if column.choices is None:
            return Text(expression, template)
        return self._choice(column, expression, resolved, template)

    def _choice(
        self, column: QueryColumn, expression: Any, resolved: Any, template: str
    ) -> ChoiceText:
        """Return the text of a choice's label."""
        if self.connection.vendor == "mysql":
            raise NotPrintableError("MySQL does not tell capital letters apart")
        field = resolved.output_field
        labels = {
            field.get_db_prep_value(value, self.connection): column.printer.text(label, self.style)
            for value, label in (column.choices or {}).items()
        }
        if None in labels or not labels:
            raise NotPrintableError("null is one of its choices")
        return ChoiceText(expression, template, labels)

    def _joined(self, column: ToManyColumn) -> JoinedText:
        """Return the texts of a to-many path, joined by a query for each object."""
        if self.connection.vendor == "mysql":
            raise NotPrintableError("MySQL cuts long joins")
        if self.query.group_by is not None or column.choices is not None:
            raise NotPrintableError("it is joined from one more query a chunk")
        resolved = F(column.source).resolve_expression(self.query.chain(), allow_joins=True)
        values = (
            column.objects(self.queryset.model, self.queryset.db)
            .filter(pk=OuterRef("pk"))
            .values(
                report_text=Text(
                    F(column.source), self._template(resolved, escape=False), keep_null=True
                )
            )
        )
        escapes = self._escapes(column) and RULES.get(type(target_of(resolved.output_field))) in (
            text,
            ip_address,
        )
        whole = SqlValue(models.TextField(), escapes, self._zone, self.connection)
        return JoinedText(values, column.printer.separator, template_for(whole))

    # What a value is

    def _template(self, resolved: Any, escape: bool) -> str:
        """Return the template for a resolved expression."""
        field = target_of(resolved.output_field)
        if self.style.naive_datetimes and isinstance(field, models.DateTimeField):
            raise NotPrintableError("the format prints datetimes without a UTC offset")
        template = template_for(SqlValue(field, escape, self._zone, self.connection))
        if isinstance(field, models.DecimalField) and self.style.decimal_separator != ".":
            separator = self.style.decimal_separator.replace("'", "''")
            return f"REPLACE({template}, '.', '{separator}')"
        return template

    def _require_exact(self, resolved: Any) -> None:
        """Raise NotPrintableError for an expression whose type the database may see otherwise."""
        if isinstance(resolved, Col):
            return
        field = resolved.output_field
        on_postgresql = self.connection.vendor == "postgresql"
        for node in resolved.flatten() if hasattr(resolved, "flatten") else [resolved]:
            if type(node) not in EXACT_EXPRESSIONS:
                raise NotPrintableError(f"no rule for {type(node).__name__}()")
            if type(node) is CombinedExpression and node.connector not in EXACT_CONNECTORS:
                raise NotPrintableError(f"no rule for the operator {node.connector}")
            kinds = (*EXACT_FIELDS, models.DecimalField) if on_postgresql else EXACT_FIELDS
            if not isinstance(node.output_field, kinds):
                raise NotPrintableError(
                    f"no rule for an expression of {type(node.output_field).__name__}"
                )
        if not isinstance(field, kinds):
            raise NotPrintableError(f"no rule for an expression of {type(field).__name__}")

    @property
    def _zone(self) -> Any:
        return timezone.get_current_timezone()

    def _escapes(self, column: BoundColumn) -> bool:
        """Return True if formulas are escaped in a column."""
        return column.printer.escapes(self.style)


def attribute_of(column: BoundColumn, queryset: QuerySet[Any]) -> str:
    """Return the attribute of instances that holds what a column selects, nothing if none does."""
    if not isinstance(column, QueryColumn) or not column.is_path:
        return ""
    query = queryset.query
    if query.deferred_loading[0] or column.expression in query.annotation_select:
        return ""
    fields = {field.name: field for field in queryset.model._meta.concrete_fields}
    field = fields.get(column.expression)
    return field.attname if field is not None and type(target_of(field)) in RULES else ""


def target_of(field: Any) -> Any:
    """Return the field whose values a field holds: another one's, where it is a foreign key."""
    while type(field) in (models.ForeignKey, models.OneToOneField):
        field = field.target_field
    return field


def speaks_plainly(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether a PostgreSQL server prints and encodes as its defaults have it."""
    connection.ensure_connection()
    driver = connection.connection
    status = getattr(driver, "get_parameter_status", None) or driver.info.parameter_status
    expected = {"server_encoding": "UTF8", "IntervalStyle": "postgres"}
    return all(status(name) == value for name, value in expected.items()) and str(
        status("DateStyle")
    ).startswith("ISO")
