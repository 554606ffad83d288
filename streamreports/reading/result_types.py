"""Find the kind of value that the database returns for an expression."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, Lookup, Subquery, Value, Window
from django.db.models.expressions import (
    Col,
    CombinedExpression,
    NegatedExpression,
    TemporalSubtraction,
)
from django.db.models.functions import Cast
from django.db.models.sql.query import Query
from django.db.models.sql.where import WhereNode

from streamreports.backends.base.functions import SAME
from streamreports.backends.base.operations import NotPrintableError, Operations, kind_of

# Options of functions that replace the SQL of their class.
OVERRIDES = {"arg_joiner", "function", "template"}


def target_of(field: Any) -> Any:
    """Return the field whose values a field contains: for a foreign key, its target."""
    while type(field) in (models.ForeignKey, models.OneToOneField):
        field = field.target_field
    return field


def output_kind(expression: Any) -> str:
    """Return the kind of an expression's output field."""
    return kind_of(target_of(expression.output_field))


def result_kind(expression: Any, operations: Operations) -> str:
    """Return the kind of value that the database returns for a resolved expression.

    The output field may say otherwise. In addition to the kinds of fields, there are "numeric",
    which Python converts to the output field's type, and "timestamp", a local time. Raises
    ``NotPrintableError`` if the kind is uncertain.
    """
    if isinstance(expression, (Exists, Lookup, NegatedExpression, WhereNode)):
        return "boolean"
    # Only exact classes are supported: a subclass may have custom SQL.
    kind = RULES.get(type(expression), _kind_of_function)
    return kind(expression, operations)


def _kind_of_function(expression: Any, operations: Operations) -> str:
    """Return the kind of a function's result."""
    cls = type(expression)
    kind = operations.function_kinds.get(cls)
    if kind is None or OVERRIDES & set(getattr(expression, "extra", ())):
        raise NotPrintableError(f"no rule for {cls.__name__}()")
    if kind == "average":
        (source, *_) = expression.get_source_expressions()
        kind = result_kind(source, operations)
        return "numeric" if kind in ("integer", "decimal") else kind
    if kind == "timestamp":
        return _kind_of_truncation(expression)
    if kind != SAME:
        return kind
    sources = expression.get_source_expressions()
    # The other sources of an aggregate are its filter and its ordering.
    is_aggregate = getattr(expression, "contains_aggregate", False) and hasattr(
        expression, "filter"
    )
    return _common_kind(sources[:1] if is_aggregate else sources, operations)


def _kind_of_truncation(expression: Any) -> str:
    """Return the kind of a truncated date or time; the time zone must be the current one."""
    kind = output_kind(expression)
    if kind == "datetime" and expression.tzinfo is not None:
        raise NotPrintableError(f"no rule for {type(expression).__name__}() in a time zone")
    return "time" if kind == "time" else "timestamp"


def _kind_of_value(expression: Any, operations: Operations) -> str:
    """Return the kind of a constant."""
    if expression.value is None:
        return "null"
    kind = output_kind(expression)
    if kind not in operations.constant_kinds:
        raise NotPrintableError(f"no rule for a constant of {type(expression.value).__name__}")
    return kind


def _kind_of_arithmetic(expression: Any, operations: Operations) -> str:
    """Return the kind of a calculation."""
    kind = _common_kind(expression.get_source_expressions(), operations)
    allowed = operations.exact_operators.get(kind, ())
    if expression.connector not in allowed:
        raise NotPrintableError(f"no rule for the operator {expression.connector} of {kind}s")
    return kind


def _common_kind(expressions: Iterable[Any], operations: Operations) -> str:
    """Return the kind that expressions share."""
    kinds = {result_kind(each, operations) for each in expressions if each is not None}
    kinds.discard("null")
    if kinds <= {"decimal", "integer", "numeric"} and operations.mixes_numbers and len(kinds) > 1:
        return "numeric" if "numeric" in kinds else "decimal"
    if len(kinds) > 1 or "timestamp" in kinds:
        raise NotPrintableError(f"no rule for an expression of {' and '.join(sorted(kinds))}")
    return kinds.pop() if kinds else "null"


def _kind_of_column(expression: Any, operations: Operations) -> str:
    """Return the kind of a column of a table."""
    return output_kind(expression)


def _kind_of_case(expression: Any, operations: Operations) -> str:
    """Return the kind of the results of a CASE, regardless of its conditions."""
    return _common_kind([*(c.result for c in expression.cases), expression.default], operations)


def _kind_of_cast(expression: Any, operations: Operations) -> str:
    """Return the kind that a value is converted to."""
    return operations.cast_kind(output_kind(expression))


def _kind_of_wrapper(expression: Any, operations: Operations) -> str:
    """Return the kind of the wrapped expression, regardless of the output field."""
    return result_kind(expression.expression, operations)


def _kind_of_window(expression: Any, operations: Operations) -> str:
    """Return the kind of a window function."""
    return result_kind(expression.source_expression, operations)


def _kind_of_difference(expression: Any, operations: Operations) -> str:
    """Return the kind of the difference of two times."""
    if not operations.subtracts_times_exactly:
        raise NotPrintableError("no rule for a difference of times")
    _common_kind(expression.get_source_expressions(), operations)
    return "duration"


def _kind_of_subquery(expression: Any, operations: Operations) -> str:
    """Return the kind of the expression selected by a subquery."""
    query = getattr(expression, "query", expression)
    selected = [*query.select, *query.annotation_select.values()]
    if len(selected) != 1 or query.combinator:
        raise NotPrintableError("no rule for a subquery of several columns")
    return result_kind(selected[0], operations)


RULES: dict[type, Callable[[Any, Operations], str]] = {
    Case: _kind_of_case,
    Cast: _kind_of_cast,
    Col: _kind_of_column,
    CombinedExpression: _kind_of_arithmetic,
    ExpressionWrapper: _kind_of_wrapper,
    Query: _kind_of_subquery,  # A Subquery resolves to it since Django 6.1.
    Subquery: _kind_of_subquery,
    TemporalSubtraction: _kind_of_difference,
    Value: _kind_of_value,
    Window: _kind_of_window,
}
