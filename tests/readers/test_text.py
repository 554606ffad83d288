"""CSV, TSV and compressed CSV with hostile values in LibreOffice, pandas and DuckDB."""

import datetime
from decimal import Decimal

import duckdb
import pandas
import pytest

from streamreports.formats.base import OutputColumn
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat, TsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.values import CellFormatter
from tests.readers.programs import shown_sheets

# Texts that a spreadsheet or a parser could take for something else.
TEXTS = [
    "=1+1",
    "@SUM(A1)",
    "+49 30 1234",
    "-1-1",
    "a,b;c\td",
    'a"b',
    "two\nlines",
    "上海 😀",
    "<b>&</b>",
    "x",
]
VALUES = [-7, Decimal("1234.50"), datetime.date(2026, 11, 20), True]
HEADER = ["Text", "Number", "Decimal", "Date", "Boolean"]


@pytest.fixture
def file_of(tmp_path):
    """Return the function that writes the texts and values to a file in a format."""

    def write(format):
        cells = [CellFormatter().text(value, format.options) for value in VALUES]
        rows = [[CellFormatter().text(text, format.options), *cells] for text in TEXTS]
        columns = [OutputColumn("", label) for label in HEADER]
        path = tmp_path / f"file.{format.extension}"
        path.write_bytes(b"".join(format.compress(format.encode(columns, [rows]))))
        return path

    return write


def unescaped(text):
    """Return a text without the apostrophe that escapes a formula."""
    return text[1:] if text.startswith("'") else text


@pytest.mark.parametrize("format", [CsvFormat(), TsvFormat(), gzipped(CsvFormat)()])
@pytest.mark.parametrize("read", ["pandas", "duckdb"])
def test_data_frames_have_the_texts_and_types(format, read, file_of):
    path = file_of(format)
    if read == "pandas":
        frame = pandas.read_csv(path, sep="\t" if format.name == "tsv" else ",")
    else:
        separator = "\\t" if format.name == "tsv" else ","
        frame = duckdb.sql(f"FROM read_csv('{path}', delim='{separator}')").df()
    assert [unescaped(text) for text in frame["Text"]] == TEXTS
    assert set(frame["Number"]) == {-7}
    assert set(frame["Decimal"]) == {1234.5}
    assert set(pandas.to_datetime(frame["Date"])) == {pandas.Timestamp(2026, 11, 20)}
    assert frame["Boolean"].dtype == bool
    assert frame["Boolean"].all()


# In the dialog of LibreOffice: the code of the delimiter, double quotes, UTF-8, from line 1, no
# types of columns, English of the United States, no quoted field as text, special numbers detected.
IMPORT = "--infilter=Text - txt - csv (StarCalc):{},34,76,1,,1033,false,true"


@pytest.mark.parametrize("format", [CsvFormat(), ExcelCsvFormat(), TsvFormat()])
def test_libreoffice_opens_a_text_file_without_running_formulas(format, file_of):
    options = IMPORT.format(ord(format.get_delimiter()))
    (sheet,) = shown_sheets(file_of(format), options).values()
    assert sheet[0] == HEADER
    assert [unescaped(row[0]) for row in sheet[1:]] == TEXTS
    (cells,) = {tuple(row[1:]) for row in sheet[1:]}
    assert cells == ("-7", "1234.5", "2026-11-20", "TRUE")
