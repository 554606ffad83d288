"""Formats of columns that the database applies give the same bytes as Python's ``format()``."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.backends.test_operations import (
    DATETIMES,
    MYSQL,
    OLDEST,
    as_python_prints,
    as_read,
    aware,
    copy_of,
    drawn,
    file_of,
)
from tests.models import Specimen

pytestmark = pytest.mark.django_db

DATE_FORMATS = ["%d/%m/%Y", "%Y%m%d", "%d.%m.%y", "%%%d", "%Y 'o\"cl\\ock' YYYY", "=%m", "d/m/Y"]
TIME_FORMATS = ["%H:%M", "%H:%M:%S", "%H h %M"]
FORMATS = {
    "date": DATE_FORMATS,
    "datetime": [*DATE_FORMATS, "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M"],
    "time": TIME_FORMATS,
    "short_decimal": [".2f", ".3f", ".10f"],
}
VALUES = {
    "date": st.dates(min_value=OLDEST.date()),
    "datetime": DATETIMES.filter(lambda value: value >= OLDEST).map(aware),
    "time": st.times(),
    "short_decimal": st.decimals(-(10**7), 10**7, places=2, allow_nan=False),
}


@pytest.mark.parametrize("field", FORMATS)
@drawn
@given(data=st.data())
def test_format_prints_as_in_python(field, data, db):
    values = data.draw(st.lists(st.none() | VALUES[field], min_size=1, max_size=10))
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(**{field: value}) for value in values])
    columns = [Column(field, str(n), format=spec) for n, spec in enumerate(FORMATS[field])]
    report = Report(Specimen.objects.order_by("pk"), [*columns, "pk"])
    assert {way for _, way in report.explain().columns} == {"printed by the database"}
    expected = as_python_prints(report, TextOptions())
    assert as_read(report, TextOptions()) == expected
    assert copy_of(report, CsvFormat()) == file_of(report, CsvFormat(), expected)


@drawn
@given(values=st.lists(st.none() | VALUES["datetime"], min_size=1, max_size=10))
def test_format_of_local_time_prints_as_in_python(values, db):
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(datetime=value) for value in values])
    column = Column("datetime", format="%d/%m/%Y %H:%M")
    report = Report(Specimen.objects.order_by("pk"), [column, "pk"])
    with timezone.override("America/Sao_Paulo"):
        in_database = report.explain().columns[0][1] == "printed by the database"
        assert in_database == (connection.vendor == "postgresql")
        assert as_read(report, TextOptions()) == as_python_prints(report, TextOptions())


def test_formatted_microseconds_print_as_in_python(db):
    Specimen.objects.create(datetime=datetime.datetime(2026, 1, 2, 3, 4, 5, 60, datetime.UTC))
    report = Report(Specimen.objects.all(), [Column("datetime", format="%S.%f %j")])
    assert list(report.rows()) == [("05.000060 002",)]


@pytest.mark.parametrize(
    ("field", "specification"),
    [
        ("short_decimal", ".1f"),
        ("short_decimal", ",.2f"),
        ("short_decimal", "2f"),
        ("decimal", ".2f"),
        ("date", "%B %Y"),
        ("date", "%H:%M"),
        ("date", "{x}"),
        ("date", "\t"),
        ("date", "\ud800"),
        ("date", ""),
        ("time", "%Y"),
        ("datetime", "%-d"),
        ("datetime", "100%"),
        ("integer", "05d"),
        ("char", ">3"),
    ],
)
def test_other_formats_are_printed_in_python(field, specification, db):
    report = Report(Specimen.objects.all(), [Column(field, format=specification)])
    ((_, way),) = report.explain().columns
    assert way.startswith("printed in Python: it has a format of its own")


def test_decimal_with_a_format_and_a_decimal_comma_is_printed_in_python(db):
    Specimen.objects.create(short_decimal="1.50")
    report = Report(Specimen.objects.all(), [Column("short_decimal", format=".3f")])
    assert as_read(report, TextOptions(decimal_separator=",")) == [("1,500",)]


@pytest.mark.skipif(MYSQL, reason="MariaDB truncates long joined texts, so it joins nothing.")
def test_format_is_applied_to_joined_values(db):
    from tests.models import Maker

    maker = Maker.objects.create(name="m")
    for day in (1, 2):
        Specimen.objects.create(maker=maker, date=datetime.date(2026, 5, day))
    report = Report(Maker.objects.all(), [Column("specimens__date", format="%d/%m")])
    assert report.explain().columns[0][1] == "printed by the database"
    assert list(report.rows()) == [("01/05, 02/05",)]
