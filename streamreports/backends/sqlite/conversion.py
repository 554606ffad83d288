"""Convert columns of values as Django's converters do, in less time."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from decimal import Context, Decimal
from typing import Any

from streamreports.backends.sqlite.operations import SIGNIFICANT_DIGITS

OPERATIONS = "django.db.backends.sqlite3.operations.DatabaseOperations"
DATETIME_CONVERTER = f"{OPERATIONS}.convert_datetimefield_value"
DECIMAL_CONVERTER = f"{OPERATIONS}.get_decimalfield_converter.<locals>.converter"


def name_of(function: Any) -> str:
    """Return the full name of a function or method; other objects may have none."""
    return f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', '')}"


def aware_datetimes(
    values: Sequence[Any], zone: tzinfo, convert: Callable[[Any], Any]
) -> list[Any]:
    """Return naive datetimes in their time zone; other values are converted one by one."""
    return [
        value.replace(tzinfo=zone)
        if type(value) is datetime and value.tzinfo is None
        else convert(value)
        for value in values
    ]


def decimals(values: Sequence[Any], field: Any, convert: Callable[[Any], Any]) -> list[Any]:
    """Return floats as the decimals of a field; other values are converted one by one."""
    create = Context(prec=SIGNIFICANT_DIGITS).create_decimal_from_float
    places, context = Decimal(1).scaleb(-field.decimal_places), field.context
    return [
        create(value).quantize(places, None, context) if type(value) is float else convert(value)
        for value in values
    ]
