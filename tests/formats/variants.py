"""Variants of the CSV format."""

import csv

import pytest

from streamreports.formats.csv import CsvFormat, ExcelCsvFormat, TsvFormat


def variant(**attributes):
    """Return a format that differs by some class attributes."""
    return type("Variant", (CsvFormat,), attributes)()


VARIANTS = {
    "default": CsvFormat(),
    "excel": ExcelCsvFormat(),
    "tsv": TsvFormat(),
    "semicolon": variant(delimiter=";"),
    "tab": variant(delimiter="\t"),
    "pipe": variant(delimiter="|"),
    "space": variant(delimiter=" "),
    "apostrophe": variant(delimiter="'"),
    "section sign": variant(delimiter="§"),
    "quote all": variant(quoting=csv.QUOTE_ALL),
    "LF": variant(line_terminator="\n"),
    "CR": variant(line_terminator="\r"),
    "LF, quote all": variant(line_terminator="\n", quoting=csv.QUOTE_ALL),
    "bom": variant(bom=True),
    "utf-8-sig": variant(encoding="utf-8-sig"),
    "utf-16": variant(encoding="utf-16"),
    "utf-16-le, bom": variant(encoding="utf-16-le", bom=True),
    "utf-32": variant(encoding="utf-32"),
    "latin-1": variant(encoding="latin-1"),
    "ascii": variant(encoding="ascii"),
    "cp1252": variant(encoding="cp1252", delimiter=";"),
    "shift_jis": variant(encoding="shift_jis"),
    "gb18030": variant(encoding="gb18030"),
    "no header": variant(header=False),
    "no header, bom": variant(header=False, bom=True),
    "unescaped": variant(escape_formulas=False),
}

each_variant = pytest.mark.parametrize("format", VARIANTS.values(), ids=VARIANTS)
