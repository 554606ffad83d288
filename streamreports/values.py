"""Print values as text."""

import base64
import datetime
import json
import re
import uuid
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    Sequence,
    ValuesView,
)
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.db.models.manager import BaseManager
from django.utils import timezone
from django.utils.duration import duration_string

from streamreports.escaping import (
    escape_formula,
    escape_formulas_in,
    is_encodable,
    replace_unencodable,
)

Function = TypeVar("Function", bound=Callable[[Any], Any])

# The digits of a formatted number, without sign and padding.
DIGITS = re.compile(r"\d(?:[,_]?\d)*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class TextOptions:
    """The options of a file format for printing values.

    ``escape_formulas``: escape text that a spreadsheet would execute.
    ``decimal_separator``: the decimal separator of floats and decimals. If it is a comma, a format
    specification with commas as thousands separators (``",.2f"``) uses points instead.
    ``naive_datetimes``: print datetimes without UTC offset and microseconds.
    """

    escape_formulas: bool = True
    decimal_separator: str = "."
    naive_datetimes: bool = False


@dataclass(frozen=True, slots=True)
class JsonOptions(TextOptions):
    """The options of a JSON format. ``decimals_as_numbers``: print decimals without quotes."""

    escape_formulas: bool = False
    decimals_as_numbers: bool = False


def localize_number(text: str, decimal_separator: str) -> str:
    """Return a formatted number with another decimal separator and matching thousands separators.

    "1,234.50" with a comma is "1.234,50".
    """
    grouping = "." if decimal_separator == "," else ","
    signs = {ord("."): decimal_separator, ord(","): grouping}
    return DIGITS.sub(lambda number: number[0].translate(signs), text, count=1)


def localize(value: datetime.datetime, zone: datetime.tzinfo | None = None) -> datetime.datetime:
    """Return an aware datetime in a time zone, by default the current one.

    A naive datetime, or one that the zone cannot represent, is returned unchanged.
    """
    if value.utcoffset() is None:
        return value
    try:
        return value.astimezone(zone or timezone.get_current_timezone())
    except (OverflowError, ValueError):  # The datetime is at the limits of the supported range.
        return value


def naive_text(value: datetime.datetime, zone: datetime.tzinfo) -> str:
    """Return a datetime as local time, without UTC offset and microseconds.

    A datetime that the time zone cannot represent keeps its offset.
    """
    local = localize(value, zone)
    if local.tzinfo in (None, zone):
        local = local.replace(tzinfo=None, microsecond=0)
    return local.isoformat(" ")


def current_zone() -> datetime.tzinfo:
    """Return the current time zone; for UTC, the same object as in values from the database."""
    zone = timezone.get_current_timezone()
    return datetime.UTC if str(zone) == "UTC" else zone


def json_text(value: object) -> str:
    """Return a value as JSON; values without a JSON type as text."""
    try:
        return json.dumps(value, ensure_ascii=False, default=plain_text)
    except (TypeError, ValueError):  # unsupported keys, circular references
        return str(value)
    except RecursionError:
        return object.__repr__(value)


def base64_text(value: bytes | bytearray | memoryview) -> str:
    """Return bytes as base64."""
    return base64.b64encode(value).decode("ascii")


def digits(value: int) -> str:
    """Return the digits of an integer, even beyond Python's limit for str()."""
    try:
        return int.__repr__(value)
    except ValueError:
        return format(Decimal(value), "f")


def decimal_digits(value: Decimal) -> str:
    """Return a decimal in plain notation."""
    text = str(value)  # twice as fast as format(), and identical unless there is an exponent
    return format(value, "f") if "E" in text else text


# Values that are not text. The result consists of digits and a few symbols, so it is not cleaned or
# escaped: a negative number is still a number.
TYPED: dict[type, Callable[[Any], str]] = {
    bool: str,
    int: digits,
    float: float.__repr__,
    Decimal: decimal_digits,
    datetime.datetime: lambda value: localize(value).isoformat(sep=" "),
    datetime.date: datetime.date.isoformat,
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: duration_string,
    uuid.UUID: str,
    type(None): lambda value: "",
}

# Values that print as text. Values of other classes are printed with str().
TEXTUAL: dict[type, Callable[[Any], str]] = {
    str: str.__str__,
    dict: json_text,
    list: json_text,
    bytes: base64_text,
    bytearray: base64_text,
    memoryview: base64_text,
    FieldFile: lambda value: value.name or "",
}

# Values that print like lists; most of them come from properties, methods and callables.
COLLECTIONS = (Iterator, set, frozenset, KeysView, ValuesView, QuerySet, BaseManager)


def lookup(table: Mapping[type, Function], kind: type) -> Function | None:
    """Return the entry of a table for a class, or for its nearest base class."""
    return next((table[base] for base in kind.__mro__ if base in table), None)


def plain_text(value: object) -> str:
    """Return a value as text, without cleaning or escaping it."""
    kind = type(value)
    return (lookup(TYPED, kind) or lookup(TEXTUAL, kind) or str)(value)


def leaves(values: Iterable[Any]) -> Iterator[Any]:
    """Yield the values of a list and of its nested lists, without nulls."""
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from leaves(value)
        elif value is not None:
            yield value


def as_list(values: Any) -> list[Any]:
    """Return the values of a collection as a list; sets are sorted, since they have no order."""
    if isinstance(values, BaseManager):
        values = values.all()
    if not isinstance(values, (set, frozenset)):
        return list(values)
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=str)


def begins_with_text(values: Iterable[Any]) -> bool:
    """Return True if the first value of a list that is not null prints as text."""
    first = next(leaves(values), None)
    return lookup(TYPED, type(first)) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFormatter:
    """Print the values of one column.

    ``format``: a format specification (``format(value, spec)``) or a callable that accepts the
    value; None is never formatted. A specification that does not fit a value leaves it unchanged.
    ``separator``: the text between the values of a list, unless ``lists_as_json``.
    ``escape_formulas``: overrides the options unless it is None.
    """

    format: str | Callable[[Any], object] | None = None
    separator: str = ", "
    lists_as_json: bool = False
    escape_formulas: bool | None = None

    def escapes(self, options: TextOptions) -> bool:
        """Return True if formulas are escaped."""
        return options.escape_formulas if self.escape_formulas is None else self.escape_formulas

    def texts(self, values: Sequence[Any], options: TextOptions) -> list[str]:
        """Return the values of a column as text; each class of values is looked up once."""
        kinds = set(map(type, values))
        printers = {kind: self._printer(kind, options) for kind in kinds}
        if kinds == {str} and self.format is None and is_encodable("".join(values)):
            return escape_formulas_in(values) if self.escapes(options) else list(values)
        if len(printers) == 1 and not callable(self.format):  # Its StopIteration would end map().
            return list(map(next(iter(printers.values())), values))
        return [printers[type(value)](value) for value in values]

    def text(self, value: object, options: TextOptions) -> str:
        """Return one value as text."""
        return self._printer(type(value), options)(value)

    def _printer(self, kind: type, options: TextOptions) -> Callable[[Any], str]:
        """Return the function that prints the values of a class."""
        typed = lookup(TYPED, kind)
        if issubclass(kind, (list, tuple)) and not self.lists_as_json:
            return self._joiner(options)
        if typed is None and kind is not str and issubclass(kind, COLLECTIONS):
            joined = self._joiner(options)
            return lambda value: joined(as_list(value))
        if self.format is not None and kind is not type(None):
            return self._formatter(kind, options)
        if typed is None:
            return self._safe(lookup(TEXTUAL, kind) or str, options)
        if issubclass(kind, datetime.datetime):
            zone = current_zone()  # Called once, since it takes longer than printing.
            if options.naive_datetimes:
                return lambda value: naive_text(value, zone)
            # Converting a value to its own time zone takes as long as printing it.
            return lambda value: (
                value if value.tzinfo is zone else localize(value, zone)
            ).isoformat(" ")
        if options.decimal_separator != "." and issubclass(kind, (float, Decimal)):
            return lambda value: typed(value).replace(".", options.decimal_separator)
        return typed

    def joined_texts(self, values: Sequence[Sequence[Any]], options: TextOptions) -> list[str]:
        """Return a column with several values per row as text, joined."""
        return list(map(self._joiner(options), values))

    def _safe(self, text: Callable[[Any], str], options: TextOptions) -> Callable[[Any], str]:
        """Return a function that prints text values, cleaned and, if requested, escaped."""
        made_safe = escape_formula if self.escapes(options) else replace_unencodable
        return lambda value: made_safe(text(value))

    def _joiner(self, options: TextOptions) -> Callable[[Sequence[Any]], str]:
        """Return a function that prints lists: their values joined, without nulls.

        The first value determines whether the result is escaped: "-1, -2" from numbers is no
        formula.
        """
        item = replace(self, escape_formulas=False)
        escapes = self.escapes(options)
        if callable(self.format):  # Its result determines this; it is called once per value.
            item = replace(item, format=None)

        def joined(values: Sequence[Any]) -> str:
            values = [value for value in values if value is not None]
            if callable(self.format):
                values = list(map(self._shown, values))
            text = self.separator.join(item.text(value, options) for value in values)
            if escapes and begins_with_text(values):
                return escape_formula(text)
            return replace_unencodable(text)

        return joined

    def _shown(self, value: Any) -> Any:
        """Return the result of a callable format for a value, or for each value of a list."""
        if isinstance(value, (list, tuple)) and not self.lists_as_json:
            return [self._shown(part) for part in value if part is not None]
        if isinstance(value, datetime.datetime):
            value = localize(value)
        return self.format(value)  # type: ignore[operator, misc]

    def _formatter(self, kind: type, options: TextOptions) -> Callable[[Any], str]:
        """Return a function that prints a class of values with the column's format."""
        plain = replace(self, format=None)
        typed = lookup(TYPED, kind) is not None
        is_local = options.decimal_separator != "." and issubclass(kind, (int, float, Decimal))

        def formatted(value: Any) -> str:
            if isinstance(value, datetime.datetime):
                value = localize(value)
            if callable(self.format):
                return plain.text(self.format(value), options)
            try:
                text = format(value, self.format or "")
            except (TypeError, ValueError, OverflowError):
                return plain.text(value, options)
            if is_local:
                text = localize_number(text, options.decimal_separator)
            return replace_unencodable(text) if typed else plain.text(text, options)

        return formatted
