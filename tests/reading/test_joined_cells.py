"""Cells that the database joins to CSV lines."""

import csv
import io

import pytest
from django.db import connection
from django.db.models import Count, F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.reports import Report
from tests.models import Maker, Part, Specimen
from tests.strategies import hostile_text

pytestmark = pytest.mark.django_db

joins_cells = pytest.mark.skipif(connection.vendor == "mysql", reason="Python joins its cells.")
specimens = Specimen.objects.order_by("pk")

# Python prints floats, JSON and callable formats, between columns that the database prints.
COLUMNS = [
    "id",
    "char",
    "get_kind_display",
    "maker__name",
    "floating",
    Column("text", escape_formulas=False),
    Column(F("integer") + 1, label="more"),
    "parts__name",
    "json",
    Column("char", format=lambda value: f'"{value},'),
    Column("date", format='%d,%m "%Y"'),
    "short_decimal",
    "boolean",
]


class SemicolonFormat(CsvFormat):
    name = "semicolon"
    delimiter = ";"
    decimal_separator = ","


class TabFormat(CsvFormat):
    name = "tab"
    delimiter = "\t"
    line_terminator = "\n"
    escape_formulas = False


def reader_of(report, csv_format):
    reader, _ = report.open(csv_format)
    return reader


def as_csv_writer_writes(report, csv_format):
    """Return the file that csv.writer makes of the rows, which are read cell by cell."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=csv_format.get_delimiter())
    writer.writerow(report.header)
    writer.writerows(report.rows(csv_format.options))
    body = text.getvalue().replace("\0", "\ufffd")
    return body if csv_format.line_terminator == "\r\n" else body.replace("\r\n", "\n")


texts = st.none() | (hostile_text | st.text("a,;\"\t'= \\", max_size=5)).map(
    # PostgreSQL holds no NUL, and a line end in a value would be replaced with those of lines.
    lambda text: (
        text.replace("\0", "")
        .replace("\r", "")
        .replace("\n", "")[:50]
        .encode(errors="replace")
        .decode()
    )
)


@pytest.mark.parametrize("csv_format", [CsvFormat(), SemicolonFormat(), TabFormat()], ids=str)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(texts, texts, st.none() | st.floats(-9, 9)), max_size=8))
def test_lines_are_those_of_csv_writer(csv_format, rows):
    Specimen.objects.all().delete()
    for number, (char, text, floating) in enumerate(rows):
        specimen = (
            Specimen.objects.create(
                char=char,
                text=text,
                kind=(char or None) if number % 2 else "r",
                floating=floating,
                json={"key": text},
                maker=Maker.objects.create(name=char or ""),
                short_decimal="-1.50",
                boolean=number % 3 == 0,
                date="2026-01-02" if number % 2 else None,
            )
            if len(char or "") <= 20
            else Specimen.objects.create(char=char)
        )
        Part.objects.create(specimen=specimen, name=text)
    report = Report(specimens, COLUMNS)
    file = b"".join(report.stream(csv_format)).decode()
    assert file == as_csv_writer_writes(report, csv_format)


@joins_cells
def test_adjacent_columns_are_joined():
    report = Report(specimens, ["id", "char", "floating", "text", "date"])
    labels = [column.label for column in reader_of(report, CsvFormat()).columns]
    assert labels == ["ID, Char", "Floating", "Text, Date"]


@joins_cells
def test_column_whose_format_has_the_delimiter_is_quoted_by_python():
    Specimen.objects.create(char="a", date="2026-01-02")
    report = Report(specimens, ["char", Column("date", format="%d,%m")])
    assert len(reader_of(report, CsvFormat()).columns) == 2
    assert b"".join(report.stream(CsvFormat())) == b'Char,Date\r\na,"02,01"\r\n'


def test_line_ends_in_values_are_quoted():
    Specimen.objects.create(char="a\nb", text="c\r", floating=1.5)
    report = Report(specimens, ["char", "floating", "text"])
    assert b"".join(report.stream(CsvFormat())) == (b'Char,Floating,Text\r\n"a\nb",1.5,"c\r"\r\n')


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL holds no NUL.")
def test_nul_is_replaced():
    Specimen.objects.create(char="a\0b", floating=1.5)
    report = Report(specimens, ["char", "floating"])
    assert b"".join(report.stream(CsvFormat())).decode() == "Char,Floating\r\na\ufffdb,1.5\r\n"


def is_joined(report, csv_format):
    return any(plan.is_line_part for plan in reader_of(report, csv_format).plans.values())


@pytest.mark.parametrize(
    "attributes",
    [
        {"quoting": csv.QUOTE_ALL},
        {"header": False},
        {"delimiter": "'"},
        {"decimal_separator": ","},
        {"encoding": "latin-1"},
    ],
    ids=repr,
)
def test_other_formats_quote_cells_themselves(attributes):
    csv_format = type("Variant", (CsvFormat,), attributes)()
    assert not reader_of(Report(specimens, ["char", "floating"]), csv_format).quotes_cells


def test_only_cell_of_a_row_is_quoted_by_the_format():
    Specimen.objects.create(floating=None)
    report = Report(specimens, ["floating"])
    assert not reader_of(report, CsvFormat()).quotes_cells
    assert b"".join(report.stream(CsvFormat())) == b'Floating\r\n""\r\n'


@pytest.mark.parametrize(
    ("queryset", "column"),
    [
        (specimens, Column(Count("parts"), label="n")),
        (specimens, Column(lambda specimen: 'x,"', label="n")),
        (specimens.distinct(), "text"),
        (Specimen.objects.union(Specimen.objects.all()), "text"),
    ],
    ids=["aggregate", "callable", "distinct", "union"],
)
def test_cells_are_not_joined(queryset, column):
    Specimen.objects.create(char='a,"')
    report = Report(queryset, ["char", column])
    assert not is_joined(report, CsvFormat())
    file = b"".join(report.stream(CsvFormat())).decode()
    assert file == as_csv_writer_writes(report, CsvFormat())


@joins_cells
def test_excel_in_german_joins_cells():
    class GermanFormat(ExcelCsvFormat):
        locale = "de"

    Specimen.objects.create(short_decimal="-1.50", char="a;b", floating=0.5)
    report = Report(specimens, ["short_decimal", "char", "floating"])
    assert reader_of(report, GermanFormat()).quotes_cells
    assert b"".join(report.stream(GermanFormat())).decode("utf-8-sig") == (
        'Short decimal;Char;Floating\r\n-1,50;"a;b";0,5\r\n'
    )


def test_combined_reading_is_not_used_for_rows():
    Specimen.objects.create(char="a,b", floating=0.5)
    assert list(Report(specimens, ["char", "floating"]).rows()) == [("a,b", "0.5")]
