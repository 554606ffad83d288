"""The types of columns in Parquet, and the arrays of their values.

pyarrow converts between classes silently: 1.5 becomes 1 in an integer column, and a datetime
becomes a date. So it only receives values of one class.
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, chain
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.db import models

from streamreports.backends.base.operations import NotPrintableError, kind_of
from streamreports.formats.parquet import fitting
from streamreports.formats.parquet.fitting import UnfitError

MAX_DIGITS = 76  # of decimals; more than 38 digits take 256 bits


@dataclass(frozen=True)
class ValueType:
    """The type of single values.

    ``kind``: the class of the values that pyarrow accepts without conversion.
    ``fit``: converts any other value, or raises UnfitError.
    ``is_exact``: returns False if values of the class must be converted; they may include nulls.
    """

    arrow: pa.DataType
    kind: type
    fit: Callable[[Any], Any]
    is_exact: Callable[[Sequence[Any]], bool] = lambda values: True

    def array(self, values: Sequence[Any]) -> pa.Array:
        """Return values as an array; raise UnfitError if one does not fit."""
        if {self.kind, type(None)}.issuperset(map(type, values)) and self.is_exact(values):
            try:
                return pa.array(values, self.arrow)
            except (pa.ArrowInvalid, OverflowError):
                pass  # for example, a value is too large
        return pa.array([None if v is None else self.fit(v) for v in values], self.arrow)


@dataclass(frozen=True)
class ListType:
    """The type of lists of values."""

    item: "ParquetType"

    @property
    def arrow(self) -> pa.DataType:
        """Return the Arrow type."""
        return pa.list_(self.item.arrow)

    def array(self, values: Sequence[Any]) -> pa.Array:
        """Return lists as an array; raise UnfitError if a value does not fit."""
        if not {list, type(None)}.issuperset(map(type, values)):
            raise UnfitError
        items = self.item.array(list(chain.from_iterable(filter(None, values))))
        ends = accumulate((len(value or ()) for value in values), initial=0)
        nulls = pa.array([value is None for value in values])
        return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), items, mask=nulls)


ParquetType = ValueType | ListType

JSON = ValueType(pa.string(), type(None), fitting.json_text)
TEXT = ValueType(pa.string(), str, fitting.fit_text)
BINARY = ValueType(pa.binary(), bytes, fitting.fit_bytes)
AWARE_DATETIME = ValueType(
    pa.timestamp("us", "UTC"), datetime.datetime, fitting.fit_aware_datetime, fitting.are_aware
)
NAIVE_DATETIME = ValueType(
    pa.timestamp("us"), datetime.datetime, fitting.fit_naive_datetime, fitting.are_naive
)
# By kind of field. Integers have 64 bits, since SQLite does not limit fields to less.
TYPES = {
    "integer": ValueType(pa.int64(), int, fitting.fit_integer),
    "float": ValueType(pa.float64(), float, fitting.fit_float),
    "boolean": ValueType(pa.bool_(), bool, fitting.fit_boolean),
    "date": ValueType(pa.date32(), datetime.date, fitting.fit_date),
    "time": ValueType(pa.time64("us"), datetime.time, fitting.fit_time, fitting.are_naive),
    "duration": ValueType(pa.duration("us"), datetime.timedelta, fitting.fit_duration),
}


def type_of(field: Any, *, rounds: bool = False) -> ParquetType:
    """Return the type for the values of a field; text by default.

    ``rounds``: whether decimals are rounded to the decimal places of the field.
    """
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.GeneratedField):
        field = field.output_field
    if is_array(field):
        return ListType(type_of(field.base_field, rounds=rounds))
    if isinstance(field, models.JSONField):
        return JSON
    if type(field) is models.BinaryField:
        return BINARY
    try:
        kind = kind_of(field)
    except NotPrintableError:
        return TEXT
    if kind == "decimal":
        return decimal_type(field, rounds=rounds)
    if kind == "datetime":
        return AWARE_DATETIME if settings.USE_TZ else NAIVE_DATETIME
    return TYPES.get(kind, TEXT)


def is_array(field: Any) -> bool:
    """Return True for an ArrayField, without importing its module, which needs psycopg."""
    return hasattr(field, "base_field") and hasattr(field, "size")


def decimal_type(field: Any, *, rounds: bool) -> ValueType:
    """Return the type of decimals with the digits of a field; text if they are unknown."""
    digits, places = field.max_digits, field.decimal_places
    if digits is None or places is None or digits > MAX_DIGITS:
        return TEXT
    arrow = pa.decimal128 if digits <= 38 else pa.decimal256
    fit = fitting.decimal_fitter(digits, places, rounds=rounds)
    return ValueType(arrow(digits, places), Decimal, fit)
