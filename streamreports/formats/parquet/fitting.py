"""Convert values of other classes to equal values of a column's class, or raise UnfitError."""

import datetime
from collections.abc import Callable, Sequence
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from typing import Any

from django.utils import timezone

from streamreports.formats.json_cells import JsonPrinter
from streamreports.values import plain_text

MAX_INTEGER = 2**63 - 1
MICROSECOND = datetime.timedelta(microseconds=1)
EPOCH = datetime.datetime(1970, 1, 1)  # noqa: DTZ001

json_text = JsonPrinter(decimals_as_numbers=False).text


class UnfitError(ValueError):
    """A value does not fit its column."""


def fit_integer(value: Any) -> int:
    """Return a number as an integer, if it is whole and fits into 64 bits."""
    try:
        number = int(value) if isinstance(value, (int, float, Decimal)) else None
    except (ValueError, OverflowError):  # NaN and infinity
        raise UnfitError from None
    if number is None or number != value or not -MAX_INTEGER - 1 <= number <= MAX_INTEGER:
        raise UnfitError
    return number


def fit_float(value: Any) -> float:
    """Return the float that is nearest to a number."""
    if not isinstance(value, (int, Decimal)):
        raise UnfitError
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise UnfitError from None


def fit_boolean(value: Any) -> bool:
    """Return 0 and 1 as a boolean."""
    if not isinstance(value, (int, float, Decimal)) or value not in (0, 1):
        raise UnfitError
    return bool(value)


def decimal_fitter(digits: int, places: int, *, rounds: bool) -> Callable[[Any], Decimal]:
    """Return a function that converts a number to a decimal with the given digits.

    ``rounds``: round to the decimal places. Otherwise, a number with more places does not fit.
    """
    context = Context(
        prec=digits, traps=[InvalidOperation] if rounds else [InvalidOperation, Inexact]
    )
    unit = Decimal(1).scaleb(-places)

    def fit(value: Any) -> Decimal:
        if not isinstance(value, (int, float, Decimal)):
            raise UnfitError
        try:
            number = Decimal(repr(value) if isinstance(value, float) else value)
            if not number.is_finite():
                raise UnfitError
            return number.quantize(unit, context=context)
        except DecimalException:
            raise UnfitError from None

    return fit


def fit_date(value: Any) -> datetime.date:
    """Return a datetime at midnight, without a time zone, as a date."""
    if (
        not isinstance(value, datetime.datetime)
        or value.tzinfo
        or value.time() != datetime.time.min
    ):
        raise UnfitError
    return value.date()


def fit_time(value: Any) -> datetime.time:
    """Return a time, if it has no time zone."""
    if not isinstance(value, datetime.time) or value.tzinfo:
        raise UnfitError
    return value


def are_aware(values: Sequence[datetime.datetime | None]) -> bool:
    """Return True if all datetimes have a time zone."""
    return None not in {value.tzinfo for value in values if value is not None}


def are_naive(values: Sequence[Any]) -> bool:
    """Return True if no datetime or time has a time zone."""
    return {value.tzinfo for value in values if value is not None} <= {None}


def fit_aware_datetime(value: Any) -> int:
    """Return a datetime as microseconds since 1970 in UTC; a naive one is in the current zone.

    The first and last hours of the calendar may be out of range in UTC.
    """
    if not isinstance(value, datetime.datetime):
        raise UnfitError
    if value.utcoffset() is None:
        value = value.replace(tzinfo=timezone.get_current_timezone())
    since: datetime.timedelta = value.replace(tzinfo=None) - EPOCH - value.utcoffset()
    return since // MICROSECOND


def fit_naive_datetime(value: Any) -> datetime.datetime:
    """Return a datetime without its time zone; native values are in the current one."""
    if not isinstance(value, datetime.datetime):
        raise UnfitError
    return value.replace(tzinfo=None)


def fit_duration(value: Any) -> int:
    """Return a duration as microseconds, if they fit into 64 bits."""
    if not isinstance(value, datetime.timedelta):
        raise UnfitError
    return fit_integer(value // MICROSECOND)


def fit_text(value: Any) -> str:
    """Return any value as text; lists and dictionaries as JSON."""
    return json_text(value) if isinstance(value, (list, dict)) else plain_text(value)


def fit_bytes(value: Any) -> bytes:
    """Return text encoded in UTF-8, as SQLite does."""
    if not isinstance(value, str):
        raise UnfitError
    return value.encode()
