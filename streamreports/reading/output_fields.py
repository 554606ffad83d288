"""The field that describes the cells of a column."""

from typing import Any

from django.db import models
from django.db.models import F, QuerySet
from django.db.models.expressions import Col, Ref

from streamreports.columns.bound import BoundColumn, QueryColumn, ToManyColumn
from streamreports.reading.cells import TO_MANY
from streamreports.reading.result_types import target_of


def output_field(column: BoundColumn, queryset: QuerySet[Any], *, nested: bool) -> Any:
    """Return the field that describes the cells of a column; None if there is none.

    ``nested``: whether cells may be lists; the field then describes their values. The result of a
    calculation, such as a quotient, may have more digits and decimal places than its output field.
    The field is then a DecimalField without ``max_digits``.
    """
    if column.printer.format is not None or column.choices is not None:
        return None
    if isinstance(column, TO_MANY) and not nested:
        return None
    field = column.field
    if isinstance(target_of(field), models.DecimalField) and is_calculated(column, queryset):
        return models.DecimalField()
    return field


def is_calculated(column: BoundColumn, queryset: QuerySet[Any]) -> bool:
    """Return True if the values of a column may differ from those of its field."""
    if queryset.query.combinator:
        return True  # The other querysets may select different fields.
    if isinstance(column, QueryColumn):
        source = F(column.expression) if column.is_path else column.expression
    elif isinstance(column, ToManyColumn):
        source = F(column.source)
    else:
        return False
    resolved = source.resolve_expression(queryset.query.chain(), allow_joins=True)
    if isinstance(resolved, Ref):  # an expression that the query groups by
        resolved = resolved.get_source_expressions()[0]
    return not isinstance(resolved, Col)
