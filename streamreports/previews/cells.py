"""The cells of a report as a page shows them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import ForeignKey
from django.utils.formats import number_format

from streamreports.columns.bound import BoundColumn, is_number
from streamreports.escaping import is_escaped
from streamreports.formats.base import Format
from streamreports.values import CellFormatter, TextOptions

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

# Prints the cells of a format that wants native values.
NATIVE = CellFormatter(lists_as_json=True, escape_formulas=False)


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """A column of a preview.

    ``name``: that of the column; empty if it has none. ``label``: the header, as in the file.
    ``is_number``: whether the cells are numbers or keys, which should be aligned right.
    """

    name: str
    label: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class PreviewCell:
    """A cell of a preview.

    ``text``: the text as in the file, except that numbers have the active language's separators.
    ``original``: the text as in the file, without the apostrophe that escapes a formula.
    ``is_escaped``: whether the text has that apostrophe.
    """

    text: str
    original: str
    is_escaped: bool = False

    @property
    def is_empty(self) -> bool:
        """Return True if the cell is empty."""
        return not self.text


def preview_cells(column: BoundColumn, values: Sequence[Any], format: Format) -> list[PreviewCell]:
    """Return the cells of a column, given those of the file."""
    options = format.options
    is_native = format.wants != "text"
    texts = NATIVE.texts(values, TextOptions()) if is_native else values
    if is_quantity(column):
        separator = "." if is_native else options.decimal_separator
        return [PreviewCell(localized(text, separator), text) for text in texts]
    escapes = column.printer.escapes(options) and not is_native
    return [text_cell(text, escapes=escapes) for text in texts]


def text_cell(text: str, *, escapes: bool) -> PreviewCell:
    """Return the cell of a text. ``escapes``: whether formulas are escaped in its column."""
    if escapes and is_escaped(text):
        return PreviewCell(text, text[1:], is_escaped=True)
    return PreviewCell(text, text)


def localized(text: str, decimal_separator: str) -> str:
    """Return a number formatted for the active language; other text unchanged."""
    number = text.replace(decimal_separator, ".")
    return number_format(number, force_grouping=True) if NUMBER.fullmatch(number) else text


def is_quantity(column: BoundColumn) -> bool:
    """Return True for a column of numbers that are neither keys, choices nor formatted."""
    field = column.field
    return (
        is_number(column)
        and column.printer.format is None
        and not isinstance(field, ForeignKey)
        and not field.primary_key
        and not field.choices
    )
