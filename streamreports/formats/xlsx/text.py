"""Text in the cells of a worksheet."""

import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext

from streamreports.escaping import REPLACEMENT

MAX_TEXT = 32_767  # UTF-16 code units per Excel cell

PLAIN = ' t="inlineStr"><is><t>%s</t></is></c>'
SPACED = ' t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>'

# Characters that XML cannot contain in any form. Source: XML 1.0, 2.2.
ILLEGAL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel reads "_x0041_" as "A". Source: ECMA-376, Part 1, 22.9.2.19.
ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
# Matches joined texts that must be checked one by one. The texts are joined by "|".
SIGNS = ("_x", "| ", " |")

# A template, and its argument for each value. The result is the XML of a cell, after its reference.
Cells = tuple[str, Sequence[Any]]


def text_cells(values: Sequence[str]) -> Cells:
    """Return the cells of texts. Checking all texts at once is much faster than each separately."""
    joined = "|".join(("", *values, ""))
    is_long = len(joined) > MAX_TEXT // 2 and max(map(len, values)) > MAX_TEXT // 2
    if is_long or not joined.isprintable() or any(sign in joined for sign in SIGNS):
        return "%s", list(map(text_cell, values))
    has_markup = any(sign in joined for sign in "&<>")
    return PLAIN, list(map(escape, values)) if has_markup else values


def text_cell(value: str) -> str:
    """Return the cell of any text."""
    text = shortened(xml_text(value))
    template = PLAIN if text.strip(" \t\n") == text else SPACED
    return template % escape(ESCAPE.sub("_x005F_", text).replace("\r", "_x000D_"))


def xml_text(value: str) -> str:
    """Return text without characters that XML forbids, with the line endings of spreadsheets."""
    return ILLEGAL.sub(REPLACEMENT, value.replace("\r\n", "\n"))


def shortened(text: str) -> str:
    """Return text that fits into a cell. If it is shortened, this is indicated at its end."""
    if len(text) <= MAX_TEXT // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= MAX_TEXT * 2:
        return text
    mark = gettext("… [shortened; the text has {length} characters]").format(length=len(text))
    return units[: (MAX_TEXT - len(mark)) * 2].decode("utf-16-le", "ignore") + mark
