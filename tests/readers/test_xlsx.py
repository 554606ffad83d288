"""Excel workbooks in LibreOffice and unzip."""

import datetime
import math
from decimal import Decimal

import pytest

from tests.formats.workbooks import variant, written
from tests.readers.programs import cell_types, run, shown_sheets

DAY = datetime.date(2026, 11, 20)
NOON = datetime.datetime(2026, 11, 20, 12, 30, 1)

# Each value, and how and as what type LibreOffice shows it in English.
SHOWN = [
    (1, "1", "float"),
    (-0.25, "-0.25", "float"),
    (999_999_999_999_999, "999999999999999", "float"),
    (2**63 - 1, "9223372036854775807", "string"),
    (Decimal("1.50"), "1.5", "float"),
    (math.nan, "nan", "string"),
    (True, "TRUE", "float"),  # It has a format for booleans, not a type.
    (None, "", None),
    (DAY, "2026-11-20", "date"),
    (datetime.date(1900, 3, 1), "1900-03-01", "date"),
    (datetime.date(1900, 2, 28), "1900-02-28", "string"),
    (NOON, "2026-11-20 12:30:01", "date"),
    (datetime.datetime.combine(DAY, datetime.time.max), "2026-11-20 23:59:59", "date"),
    (datetime.time(9, 30), "09:30:00", "time"),
    ("=1+1", "=1+1", "string"),
    ('=HYPERLINK("http://example.com")', '=HYPERLINK("http://example.com")', "string"),
    ("http://example.com/?a=1&b=2", "http://example.com/?a=1&b=2", "string"),
    ("007", "007", "string"),
    ("1.50", "1.50", "string"),
    (" both ", " both ", "string"),
    ("two\r\nlines", "two\nlines", "string"),
    ("_x0041_", "_x0041_", "string"),
    ("<&>'\"", "<&>'\"", "string"),
    ("\0\ud800", "\ufffd\ufffd", "string"),
    ("上海 😀", "上海 😀", "string"),
]


@pytest.fixture
def workbook(tmp_path):
    """Return the function that writes a workbook to a file."""

    def write(*arguments):
        path = tmp_path / "book.xlsx"
        path.write_bytes(written(*arguments))
        return path

    return write


@pytest.fixture
def shown(workbook):
    """Return a workbook of the values above, in the first of two columns."""
    rows = [(value, type(value).__name__) for value, _, _ in SHOWN]
    return workbook(rows, ["Value", "Type"], variant(title="A & B"))


def test_libreoffice_shows_values_as_they_are(shown):
    (sheet,) = shown_sheets(shown).values()
    assert sheet[0] == ["Value", "Type"]
    assert [value for value, _ in sheet[1:]] == [text for _, text, _ in SHOWN]


def test_libreoffice_reads_the_types_of_values(shown):
    assert cell_types(shown) == ["string", *(type_ for _, _, type_ in SHOWN)]


def test_libreoffice_opens_every_sheet(workbook):
    path = workbook([(n,) for n in range(5)], ["N"], variant(title="Cargo", max_rows=2))
    assert shown_sheets(path) == {
        "Cargo": [["N"], ["0"], ["1"]],
        "Cargo (2)": [["N"], ["2"], ["3"]],
        "Cargo (3)": [["N"], ["4"]],
    }


def test_unzip_finds_no_error(workbook):
    status, said = run("unzip", "-t", workbook([(1, "a")]))
    assert (status, "No errors detected" in said) == (0, True)


@pytest.fixture
def truncated(workbook):
    """Return a workbook whose last bytes are missing."""
    path = workbook([(n, "a") for n in range(1000)])
    path.write_bytes(path.read_bytes()[:-100])
    return path


def test_unzip_finds_that_a_file_is_truncated(truncated):
    status, said = run("unzip", "-t", truncated)
    assert status == 9
    assert "End-of-central-directory signature not found" in said


def test_libreoffice_does_not_load_a_truncated_file(truncated):
    assert shown_sheets(truncated) == {}


def test_file_is_recognized_by_its_content(workbook):
    assert run("file", "--brief", workbook([(1,)])) == (0, "Microsoft Excel 2007+\n")
