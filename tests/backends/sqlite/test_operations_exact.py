"""What SQL stored in SQLite prints as Python would print it."""

import pytest
from django.db import connection, models
from django.db.models import F, Value
from django.db.models.functions import Cast, Now
from django.test import override_settings
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.backends.test_operations import as_python_prints, as_read, drawn
from tests.models import Specimen

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="Other columns have a type."),
]

# Halves, quarters and eighths are stored exactly, so they can be half way between two decimals.
floats = (
    st.integers(-(10**7), 10**7).map(lambda number: number / 1000)
    | st.integers(-(10**7), 10**7).map(lambda number: number / 8)
    | st.floats(-(10**7), 10**7)
    | st.integers(-(10**6), 10**6).map(float)
)


def store(field, values):
    """Store values in a column as they are, without Django's conversion."""
    table = Specimen._meta.db_table
    Specimen.objects.all().delete()
    for value in values:
        specimen = Specimen.objects.create()
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {field} = %s WHERE id = %s",
                [value, specimen.pk],
            )


def assert_prints_as_in_python(*columns):
    report = Report(Specimen.objects.order_by("pk"), columns)
    assert {way for _, way in report.explain().columns} == {"printed by the database"}
    assert as_read(report, TextOptions()) == as_python_prints(report, TextOptions())


@drawn
@given(values=st.lists(floats, min_size=1, max_size=20))
@example(values=[0.125, -0.125, 0.135, 1.005, 1.015, 2.675, 0.375, -1.015, 1e-9, -1e-9, 0.005])
def test_float_in_a_decimal_column_is_rounded_as_in_python(values, db):
    store("short_decimal", values)
    assert_prints_as_in_python("short_decimal")


def test_decimal_that_sql_computed_is_rounded_half_to_even(db):
    Specimen.objects.create(short_decimal=1)
    Specimen.objects.update(short_decimal=F("short_decimal") * Value(0.125))
    report = Report(Specimen.objects.all(), ["short_decimal"])
    assert list(report.rows()) == [("0.12",)]


@pytest.mark.parametrize("field", ["datetime", "time"])
@pytest.mark.parametrize(
    "text", ["12:30:00", "12:30:00.1", "12:30:00.123", "12:30:00.000", "12:30:00.123456"]
)
def test_microseconds_print_with_six_digits_or_none(field, text, db):
    store(field, [f"2026-11-20 {text}" if field == "datetime" else text])
    assert_prints_as_in_python(field)


def test_iso_datetime_prints_with_a_space(db):
    store("datetime", ["2026-11-20T12:30:00", "2026-11-20T12:30:00.5"])
    assert_prints_as_in_python("datetime")


def test_time_of_the_database_prints_as_in_python(db):
    Specimen.objects.create()
    Specimen.objects.update(datetime=Now())
    assert_prints_as_in_python("datetime")
    assert_prints_as_in_python(Column("datetime", format="%d/%m/%Y %H:%M:%S"))


def test_naive_datetime_prints_as_in_python(db):
    store("datetime", ["2026-11-20 12:30:00.123", "2026-11-20 12:30:00"])
    with override_settings(USE_TZ=False):
        assert_prints_as_in_python("datetime")
    assert timezone.is_aware(Specimen.objects.first().datetime)


def test_text_in_an_integer_column_is_escaped_as_in_python(db):
    store("integer", ["=1+1", 5])
    table = Report(
        Specimen.objects.order_by("pk"), [Column(Cast("integer", models.TextField()), "it")]
    )
    assert list(table.rows()) == [("'=1+1",), ("5",)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (F("integer") * F("short_decimal"), "427.84"),
        (F("short_decimal") * 50, "5348"),
        (models.Sum("short_decimal"), "106.96"),
        (models.Max("short_decimal"), "106.96"),
    ],
    ids=str,
)
def test_decimal_of_an_expression_has_no_zeros_of_its_float(expression, expected, db):
    Specimen.objects.create(integer=4, short_decimal="106.96")
    column = Column(models.ExpressionWrapper(expression, models.DecimalField()), "it", name="it")
    for queryset in (Specimen.objects.all(), Specimen.objects.distinct()):
        assert list(Report(queryset, [column, "integer"]).rows()) == [(expected, "4")]
        python = Column(lambda specimen: specimen.integer, "n")
        assert list(Report(Specimen.objects.all(), [column, python]).rows()) == [(expected, "4")]
