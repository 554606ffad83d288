"""Print native values as JSON."""

import datetime
import json
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from streamreports.values import TYPED, base64_text, decimal_digits, digits, lookup

Printer = Callable[[Any], str]

# The standard library prints nested values fast if it supports their types.
encode_plain = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def in_quotes(text: Printer) -> Printer:
    """Return a function that quotes text without characters to escape."""
    return lambda value: f'"{text(value)}"'


def float_number(value: float) -> str:
    """Return the shortest digits of a float; null for NaN and infinity, which JSON lacks."""
    return float.__repr__(value) if math.isfinite(value) else "null"


def decimal_number(value: Decimal) -> str:
    """Return the digits of a decimal; null if it is NaN or infinite."""
    return decimal_digits(value) if value.is_finite() else "null"


class JsonPrinter:
    """Print native values as JSON, without spaces.

    ``decimals_as_numbers``: print decimals without quotes.
    """

    def __init__(self, *, decimals_as_numbers: bool) -> None:
        self._printers: dict[type, Printer] = {
            type(None): lambda value: "null",
            bool: lambda value: "true" if value else "false",
            int: digits,
            float: float_number,
            Decimal: decimal_number if decimals_as_numbers else in_quotes(decimal_digits),
            str: encode_basestring,
            bytes: in_quotes(base64_text),
            datetime.datetime: in_quotes(datetime.datetime.isoformat),
            datetime.date: in_quotes(TYPED[datetime.date]),
            datetime.time: in_quotes(TYPED[datetime.time]),
            datetime.timedelta: in_quotes(TYPED[datetime.timedelta]),
            dict: self._object,
            list: self._array,
        }

    def texts(self, values: Sequence[Any]) -> list[str]:
        """Return the values of a column as JSON; each class of values is looked up once."""
        printers = {kind: self._printer(kind) for kind in set(map(type, values))}
        if len(printers) == 1:
            return list(map(next(iter(printers.values())), values))
        return [printers[type(value)](value) for value in values]

    def text(self, value: Any) -> str:
        """Return one value as JSON."""
        return self._printer(type(value))(value)

    def _printer(self, kind: type) -> Printer:
        """Return the function that prints the values of a class."""
        return lookup(self._printers, kind) or in_quotes(str)

    def _array(self, values: list[Any]) -> str:
        """Return a list as JSON."""
        try:
            return encode_plain(values)
        except (TypeError, ValueError):
            return f"[{','.join(map(self.text, values))}]"

    def _object(self, members: dict[str, Any]) -> str:
        """Return a dictionary as JSON."""
        try:
            return encode_plain(members)
        except (TypeError, ValueError):
            texts = (f"{self.text(key)}:{self.text(value)}" for key, value in members.items())
            return f"{{{','.join(texts)}}}"
