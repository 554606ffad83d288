"""The cells of a column: its values as text, or as native values for a format with types."""

import datetime
from collections.abc import Sequence
from typing import Any

from streamreports.columns.bound import BoundColumn, PrefetchedColumn, ToManyColumn
from streamreports.values import TYPED, TextOptions, localize, lookup

# Values that a format with types writes itself, besides those of TYPED.
NATIVE = (str, bytes, bytearray, memoryview)


def text_cells(column: BoundColumn, values: Sequence[Any], options: TextOptions) -> Sequence[str]:
    """Return the values of a column as text."""
    if isinstance(column, (ToManyColumn, PrefetchedColumn)):
        return column.printer.joined_texts(values, options)
    return column.printer.texts(shown(column, values), options)


def native_cells(column: BoundColumn, values: Sequence[Any], options: TextOptions) -> Sequence[Any]:
    """Return the values of a column as Python values.

    None stays None; numbers, dates, times, text and bytes stay what they are, and aware datetimes
    are in the current time zone. A choice is its label. What has a format of its own is text, as
    are the values of a to-many column, joined, and objects of any other class.
    """
    if isinstance(column, (ToManyColumn, PrefetchedColumn)):
        return column.printer.joined_texts(values, options)
    return [native_cell(column, value, options) for value in shown(column, values)]


def native_cell(column: BoundColumn, value: Any, options: TextOptions) -> Any:
    """Return one value as a Python value that a format with types can write."""
    if value is None:
        return None
    if column.printer.format is not None:
        return column.printer.text(value, options)
    if column.printer.lists_as_json and isinstance(value, (dict, list)):
        return value
    if isinstance(value, datetime.datetime):
        return localize(value)
    if lookup(TYPED, type(value)):
        return value
    if isinstance(value, str):
        return str(value)
    return value if isinstance(value, NATIVE) else column.printer.text(value, options)


def shown(column: BoundColumn, values: Sequence[Any]) -> Sequence[Any]:
    """Return the labels of a column of choices, and other values as they are."""
    return values if column.choices is None else list(map(column.shown, values))
