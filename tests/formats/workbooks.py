"""Workbooks, written by the format and read by openpyxl."""

import io

import openpyxl
from openpyxl.utils.escape import unescape

from streamreports.formats.base import OutputColumn
from streamreports.formats.xlsx import XlsxFormat


def variant(**attributes):
    """Return a format that differs by some class attributes."""
    return type("Variant", (XlsxFormat,), attributes)()


def written(rows, labels=None, format=None):
    """Return the bytes of a workbook; rows are given in batches of two."""
    labels = labels or [f"Column {number}" for number, _ in enumerate(rows[0] if rows else "a")]
    columns = [OutputColumn("", label) for label in labels]
    batches = (rows[start : start + 2] for start in range(0, len(rows), 2))
    return b"".join((format or XlsxFormat()).encode(columns, batches))


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def values_of(sheet):
    """Return the values of the rows below the header; openpyxl leaves escapes as they are."""
    return [
        tuple(unescape(value) if isinstance(value, str) else value for value in row)
        for row in sheet.iter_rows(min_row=2, values_only=True)
    ]


def cells_of(*values):
    """Return the cells of a column that has these values."""
    sheet = opened(written([(value,) for value in values])).active
    return [row[0] for row in sheet.iter_rows(min_row=2)]


def cell_of(value):
    """Return the type that openpyxl finds, its value, and how it is shown."""
    (cell,) = cells_of(value)
    text = cell.value
    return cell.data_type, unescape(text) if isinstance(text, str) else text, cell.number_format
