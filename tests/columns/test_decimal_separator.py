"""Format specifications honour the decimal separator, whoever prints the value."""

from decimal import Decimal

import pytest
from django.db.models import F

from streamreports.columns import Column
from streamreports.formats.csv import ExcelCsvFormat
from streamreports.reports import Report
from streamreports.values import CellFormatter, TextOptions
from tests.factories import SpecimenFactory
from tests.models import Specimen

pytestmark = pytest.mark.django_db

COMMA = TextOptions(decimal_separator=",")
VALUES = ["1234.50", "-0.01", "0.00", "99999999.99", "-1234567.80"]


@pytest.mark.parametrize("spec", [".2f", ".1f", ".0f", ",.2f", "+.2f", ".1%", "10.2f"])
@pytest.mark.parametrize(
    "source",
    ["short_decimal", F("short_decimal") + F("short_decimal"), "parts__specimen__short_decimal"],
    ids=["field", "expression", "to-many"],
)
def test_text_is_that_of_python(source, spec):
    for value in VALUES:
        SpecimenFactory(short_decimal=Decimal(value)).parts.create(name="x")
    report = Report(Specimen.objects.order_by("pk"), [Column(source, label="x", format=spec)])
    times = 1 if isinstance(source, str) else 2
    formatter = CellFormatter(format=spec)
    expected = [(formatter.text(Decimal(value) * times, COMMA),) for value in VALUES]
    assert list(report.rows(COMMA)) == expected


def test_german_excel_file_groups_by_points():
    SpecimenFactory(short_decimal=Decimal("1234.5"), integer=1234567)

    class GermanFormat(ExcelCsvFormat):
        delimiter = ";"
        decimal_separator = ","

    columns = [
        Column("short_decimal", label="a", format=",.2f"),
        Column("integer", label="b", format=","),
        Column(lambda specimen: 0.5, label="c", format=".2f"),
    ]
    stream = Report(Specimen.objects.all(), columns).stream(GermanFormat())
    assert b"".join(stream).decode("utf-8-sig") == "a;b;c\r\n1.234,50;1.234.567;0,50\r\n"
