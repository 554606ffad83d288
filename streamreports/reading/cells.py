"""The cells of a column: text, or native values for a format with types."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from streamreports.columns.bound import BoundColumn, PrefetchedColumn, ToManyColumn
from streamreports.native import native_values
from streamreports.values import CellFormatter, TextOptions

UNESCAPED = TextOptions(escape_formulas=False)
TO_MANY = (ToManyColumn, PrefetchedColumn)


def text_cells(column: BoundColumn, values: Sequence[Any], options: TextOptions) -> Sequence[str]:
    """Return the values of a column as text."""
    if isinstance(column, TO_MANY):
        return column.printer.joined_texts(values, options)
    return column.printer.texts(shown(column, values), options)


def native_cells(column: BoundColumn, values: Sequence[Any], *, nested: bool) -> Sequence[Any]:
    """Return the values of a column as native values (see ``streamreports.native``).

    None stays None. Choice labels and values with a custom format are text.
    ``nested``: whether cells may be lists and dictionaries. Otherwise, these are text, and the
    values of a to-many column are joined. Nulls of a to-many column are always left out.
    """
    printer = replace(column.printer, escape_formulas=False)
    is_text = column.choices is not None or printer.format is not None
    if not isinstance(column, TO_MANY):
        return printed(printer, shown(column, values), is_text=is_text, nested=nested)
    if not nested:
        return printer.joined_texts(values, UNESCAPED)
    return [
        printed(printer, [v for v in each if v is not None], is_text=is_text, nested=True)
        for each in values
    ]


def printed(
    printer: CellFormatter, values: Sequence[Any], *, is_text: bool, nested: bool
) -> Sequence[Any]:
    """Return values as native values; if ``is_text``, those that are not null as text."""
    if is_text:
        texts = iter(printer.texts([v for v in values if v is not None], UNESCAPED))
        return [None if value is None else next(texts) for value in values]
    return native_values(values, None if nested else lambda value: printer.text(value, UNESCAPED))


def shown(column: BoundColumn, values: Sequence[Any]) -> Sequence[Any]:
    """Return the labels of a column of choices; other values unchanged."""
    return values if column.choices is None else list(map(column.shown, values))
