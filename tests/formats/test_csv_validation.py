"""The validation of the CSV format, and what a response asks of it."""

import csv
import re

import pytest

from streamreports.exceptions import ReportError
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat, Echo, ExcelCsvFormat
from streamreports.values import TextOptions
from tests.formats.variants import each_variant, variant

# Validation


@each_variant
def test_valid_format_passes_its_validation(format):
    assert format.validate() is None


@pytest.mark.parametrize(
    ("attributes", "problem", "hint"),
    [
        (
            {"delimiter": ""},
            "Variant.delimiter is ''.",
            "Use one character, except a quote, a line ending or NUL.",
        ),
        (
            {"delimiter": "||"},
            "Variant.delimiter is '||'.",
            "Use one character, except a quote, a line ending or NUL.",
        ),
        (
            {"delimiter": '"'},
            "Variant.delimiter is '\"'.",
            "Use one character, except a quote, a line ending or NUL.",
        ),
        (
            {"delimiter": "\n"},
            r"Variant.delimiter is '\n'.",
            "Use one character, except a quote, a line ending or NUL.",
        ),
        (
            {"delimiter": "\r"},
            r"Variant.delimiter is '\r'.",
            "Use one character, except a quote, a line ending or NUL.",
        ),
        (
            {"quoting": csv.QUOTE_NONE},
            "Variant.quoting is 3, which cannot write every text.",
            "Use csv.QUOTE_MINIMAL or csv.QUOTE_ALL.",
        ),
        (
            {"quoting": csv.QUOTE_NONNUMERIC},
            "Variant.quoting is 2, which cannot write every text.",
            "Use csv.QUOTE_MINIMAL or csv.QUOTE_ALL.",
        ),
        (
            {"quoting": None},
            "Variant.quoting is None, which cannot write every text.",
            "Use csv.QUOTE_MINIMAL or csv.QUOTE_ALL.",
        ),
        (
            {"line_terminator": ""},
            "Variant.line_terminator is ''.",
            r"Use '\r\n' (RFC 4180), '\n' or '\r'.",
        ),
        (
            {"line_terminator": "\n\r"},
            r"Variant.line_terminator is '\n\r'.",
            r"Use '\r\n' (RFC 4180), '\n' or '\r'.",
        ),
        (
            {"encoding": "nope"},
            "Variant.encoding is 'nope': unknown encoding: nope.",
            "Use a Python codec that can encode the delimiter and, with bom, the mark.",
        ),
        (
            {"encoding": "rot13"},
            "Variant.encoding is 'rot13': 'rot13' is not a text encoding; use codecs.encode() to "
            "handle arbitrary codecs.",
            "Use a Python codec that can encode the delimiter and, with bom, the mark.",
        ),
        (
            {"encoding": "ascii", "delimiter": "§"},
            "Variant.encoding is 'ascii': 'ascii' codec can't encode character '\\xa7' in "
            "position 0: ordinal not in range(128).",
            "Use a Python codec that can encode the delimiter and, with bom, the mark.",
        ),
        (
            {"encoding": "latin-1", "bom": True},
            "Variant.encoding is 'latin-1': 'latin-1' codec can't encode character '\\ufeff' in "
            "position 0: ordinal not in range(256).",
            "Use a Python codec that can encode the delimiter and, with bom, the mark.",
        ),
        (
            {"delimiter": "\ud800"},
            "Variant.encoding is 'utf-8': 'utf-8' codec can't encode character '\\ud800' in "
            "position 0: surrogates not allowed.",
            "Use a Python codec that can encode the delimiter and, with bom, the mark.",
        ),
        (
            {"encoding": "utf-16", "bom": True},
            "Variant.encoding is 'utf-16', which writes a byte order mark itself.",
            "Remove bom.",
        ),
        (
            {"encoding": "utf-8-sig", "bom": True},
            "Variant.encoding is 'utf-8-sig', which writes a byte order mark itself.",
            "Remove bom.",
        ),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_invalid_attribute_is_an_error(attributes, problem, hint):
    with pytest.raises(ReportError, match=rf"^{re.escape(f'{problem} {hint}')}$") as caught:
        variant(**attributes).validate()
    assert (caught.value.problem, caught.value.hint) == (problem, hint)


@pytest.mark.parametrize(
    "attributes",
    [
        {"delimiter": 44},
        {"encoding": None},
        {"encoding": "undefined"},
        {"encoding": "idna"},
    ],
    ids=str,
)
def test_format_that_cannot_write_a_file_is_an_error(attributes):
    """Each of these would raise while it is written."""
    with pytest.raises(ReportError):
        variant(**attributes).validate()


def test_error_names_the_class_of_the_user():
    class SemicolonFormat(CsvFormat):
        delimiter = ";;"

    with pytest.raises(ReportError, match=r"^SemicolonFormat\.delimiter is ';;'\. "):
        SemicolonFormat().validate()


def test_other_formats_have_the_default_options():
    class Lines(Format):
        name = "lines"
        content_type = "text/plain"
        extension = "txt"

        def encode(self, columns, batches):
            yield from ()

    assert Lines().validate() is None
    assert Lines().options == TextOptions()
    assert Lines().get_content_type() == "text/plain"


# What a response needs to know


def test_extension():
    assert CsvFormat.extension == ExcelCsvFormat.extension == "csv"


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", "text/csv; charset=utf-8"),
        ("UTF8", "text/csv; charset=utf-8"),
        ("utf-8-sig", "text/csv; charset=utf-8"),
        ("utf-16", "text/csv; charset=utf-16"),
        ("latin-1", "text/csv; charset=iso-8859-1"),
        ("iso-8859-15", "text/csv; charset=iso-8859-15"),
        ("cp1252", "text/csv; charset=windows-1252"),
        ("shift_jis", "text/csv; charset=shift_jis"),
    ],
)
def test_content_type_has_the_registered_name_of_the_encoding(encoding, content_type):
    """Source: IANA, "Character Sets", the preferred MIME names."""
    assert variant(encoding=encoding).get_content_type() == content_type


def test_content_type_can_be_another():
    class TsvFormat(CsvFormat):
        content_type = "text/tab-separated-values"
        delimiter = "\t"

    assert TsvFormat().get_content_type() == "text/tab-separated-values; charset=utf-8"


def test_echo_returns_what_it_is_given():
    assert Echo().write("text") == "text"
    assert csv.writer(Echo()).writerow(["a", "b"]) == "a,b\r\n"
