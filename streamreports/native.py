"""Native values: the values that formats with types receive, such as JSON, XLSX and Parquet.

They have only these types:

- ``None``, ``bool``, ``int``, ``float`` and ``Decimal``
- ``datetime.datetime``, if aware in the current time zone; ``date``, ``time`` and ``timedelta``
- ``str``, without NUL and lone surrogates, and ``bytes``
- for formats that nest values, ``list`` and ``dict`` of native values, with ``str`` as keys

Objects of any other class are converted to text, printed as in CSV but never escaped.
"""

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models.fields.files import FieldFile

from streamreports.escaping import is_encodable, replace_unencodable
from streamreports.values import COLLECTIONS, as_list, current_zone, localize, lookup, plain_text

Converter = Callable[[Any], Any]

# Values of exactly these classes are already native.
UNCHANGED = {
    type(None), bool, int, float, Decimal, datetime.date, datetime.time, datetime.timedelta, bytes,
}  # fmt: skip
TEXT_OR_NONE = {str, type(None)}
LISTS = (list, tuple, *COLLECTIONS)


def unchanged(value: Any) -> Any:
    """Return the value."""
    return value


def file_name(value: FieldFile) -> str | None:
    """Return the name of a file; None if it has none."""
    return None if value.name is None else replace_unencodable(value.name)


# How to convert values of subclasses, by the nearest base class.
CONVERTERS: dict[type, Converter] = {
    **dict.fromkeys(UNCHANGED, unchanged),
    int: int.__int__,
    float: float.__float__,
    bytearray: bytes,
    memoryview: bytes,
    FieldFile: file_name,
}


def native_values(
    values: Sequence[Any], as_text: Callable[[Any], str] | None = None
) -> Sequence[Any]:
    """Return the values of a column as native values; each class of values is looked up once.

    ``as_text``: a function that prints lists and dictionaries, for formats that do not nest values.
    """
    kinds = set(map(type, values))
    if kinds <= UNCHANGED:
        return values
    if kinds <= TEXT_OR_NONE and is_encodable("".join(filter(None, values))):
        return values
    converters = {kind: converter(kind, as_text) for kind in kinds}
    return [converters[type(value)](value) for value in values]


def converter(kind: type, as_text: Callable[[Any], str] | None = None) -> Converter:
    """Return the function that converts the values of a class to native values."""
    if issubclass(kind, datetime.datetime):
        zone = current_zone()  # Called once, since it takes longer than the comparison.
        return lambda value: value if value.tzinfo is zone else localize(value, zone)
    if issubclass(kind, (dict, *LISTS)):
        return as_text or nested_value
    return lookup(CONVERTERS, kind) or text_of


def text_of(value: Any) -> str:
    """Return a value as text that can be encoded."""
    return replace_unencodable(plain_text(value))


def nested_value(value: Any) -> Any:
    """Return a list or a dictionary with native values; text if it contains itself."""
    try:
        return nested(value)
    except RecursionError:
        return text_of(object.__repr__(value))


def nested(value: Any) -> Any:
    """Return a value with native parts, at any depth."""
    if type(value) in UNCHANGED:
        return value
    if isinstance(value, dict):
        return {text_of(key): nested(part) for key, part in value.items()}
    if isinstance(value, LISTS):
        return [nested(part) for part in as_list(value)]
    return converter(type(value))(value)
