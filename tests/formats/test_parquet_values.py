"""How values stand in the columns of a Parquet file."""

import datetime
import math
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from django.db import models
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from streamreports.exceptions import ReportError
from streamreports.native import native_values
from tests.formats.parquet_files import column_of, opened, variant, written
from tests.models import BracketField
from tests.strategies import hostile_text, json_values

MAX_INTEGER = 2**63 - 1
NOON = datetime.datetime(2026, 11, 20, 12, 30, 1, 5)


class Shouting(models.IntegerField):
    def from_db_value(self, value, expression, connection):
        return f"{value}!"


def decimals(digits, places, **options):
    return models.DecimalField(max_digits=digits, decimal_places=places, **options)


# Every value of a type is read back


def nullable(strategy):
    return st.lists(st.none() | strategy, max_size=8)


def decimals_of(digits, places):
    limit = 10**digits - 1
    return st.integers(-limit, limit).map(lambda number: Decimal(number).scaleb(-places))


@pytest.mark.parametrize(
    ("field", "values"),
    [
        (models.IntegerField(), st.integers(-MAX_INTEGER - 1, MAX_INTEGER)),
        (models.FloatField(), st.floats(allow_nan=False)),
        (models.BooleanField(), st.booleans()),
        (models.DateField(), st.dates()),
        (models.TimeField(), st.times()),
        (models.BinaryField(), st.binary(max_size=9)),
        (
            models.DurationField(),
            st.timedeltas(datetime.timedelta(-(10**8)), datetime.timedelta(10**8)),
        ),
        (models.DateTimeField(), st.datetimes(timezones=st.just(datetime.UTC))),
        (decimals(9, 2), decimals_of(9, 2)),
        (decimals(38, 38), decimals_of(28, 38)),
        (decimals(18, 0), decimals_of(18, 0)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, models.Field) else "",
)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_values_are_read_back(field, values, data):
    given_values = data.draw(nullable(values))
    assert column_of(given_values, field)[1] == given_values
    lists = [given_values, None, [], [v for v in given_values if v is not None]]
    assert column_of(lists, field, is_list=True)[1] == lists


@settings(max_examples=50, deadline=None)
@given(st.lists(st.none() | hostile_text, max_size=8))
def test_texts_are_read_back(values):
    texts = list(native_values(values))
    assert column_of(texts, models.TextField())[1] == texts


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.none() | json_values | st.decimals(allow_nan=True) | st.datetimes() | st.uuids())
)
def test_text_holds_any_value(values):
    values = list(native_values(values))
    found = column_of(values, None)[1]
    assert [value is None for value in found] == [value is None for value in values]
    assert [b for a, b in zip(values, found, strict=True) if isinstance(a, str)] == [
        value for value in values if isinstance(value, str)
    ]


# Types


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (models.SmallIntegerField(), "int64"),
        (models.PositiveBigIntegerField(), "int64"),
        (models.BigAutoField(), "int64"),
        (models.EmailField(), "string"),
        (models.GenericIPAddressField(), "string"),
        (models.UUIDField(), "string"),
        (models.JSONField(), "string"),
        (models.FileField(), "string"),
        (decimals(38, 4), "decimal128(38, 4)"),
        (decimals(39, 4), "decimal256(39, 4)"),
        (decimals(76, 4), "decimal256(76, 4)"),
        (decimals(77, 4), "string"),
        (models.DecimalField(), "string"),
        (BracketField(), "string"),
        (Shouting(), "string"),
        (
            models.GeneratedField(
                expression=models.F("a"), output_field=models.FloatField(), db_persist=True
            ),
            "double",
        ),
        (None, "string"),
    ],
    ids=str,
)
def test_type_of_a_field(field, expected):
    assert column_of([None], field) == (expected, [None])


def test_lists_of_lists_are_nested():
    values = [[[1], None, []], None, [], [[2, None]]]

    class Array:
        base_field = models.IntegerField()
        size = None

    assert column_of(values, Array(), is_list=True) == (
        "list<element: list<element: int64>>",
        values,
    )


# Values of another class


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (models.IntegerField(), 7.0, 7),
        (models.IntegerField(), Decimal("1E+3"), 1000),
        (models.IntegerField(), True, 1),
        (models.FloatField(), 7, 7.0),
        (models.FloatField(), Decimal("0.1"), 0.1),
        (models.BooleanField(), 1, True),
        (models.BooleanField(), 0, False),
        (decimals(5, 2), 7, Decimal("7.00")),
        (decimals(5, 2), 0.1, Decimal("0.10")),
        (decimals(5, 2), Decimal("1.5000000000"), Decimal("1.50")),
        (decimals(5, 2), Decimal("0E+20"), Decimal("0.00")),
        (decimals(5, 2), Decimal("-1E+2"), Decimal("-100.00")),
        (models.DateField(), datetime.datetime(2026, 11, 20), datetime.date(2026, 11, 20)),
        (models.BinaryField(), "ü", "ü".encode()),
        (models.TextField(), 1.5, "1.5"),
        (models.TextField(), b"\0", "AA=="),
        (models.TextField(), {"a": Decimal("1.0")}, '{"a":"1.0"}'),
        (models.JSONField(), "a", '"a"'),
        (models.JSONField(), 1, "1"),
        (models.JSONField(), math.nan, "null"),
    ],
    ids=str,
)
def test_equal_value_stands_for_a_value_of_another_class(field, value, expected):
    assert column_of([None, value], field)[1] == [None, expected]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (models.IntegerField(), 1.5),
        (models.IntegerField(), math.nan),
        (models.IntegerField(), 2**63),
        (models.IntegerField(), ""),
        (models.FloatField(), "1.5"),
        (models.FloatField(), 10**400),
        (models.BooleanField(), 2),
        (models.BooleanField(), "True"),
        (decimals(5, 2), Decimal("0.001")),
        (decimals(5, 2), Decimal(1000)),
        (decimals(5, 2), Decimal("NaN")),
        (decimals(5, 2), Decimal("1E+999999")),
        (decimals(5, 2), "1.5"),
        (models.DateField(), NOON),
        (models.DateField(), "2026-11-20"),
        (models.DateTimeField(), datetime.date(2026, 11, 20)),
        (models.TimeField(), datetime.time(12, tzinfo=datetime.UTC)),
        (models.TimeField(), NOON),
        (models.DurationField(), datetime.timedelta.max),
        (models.DurationField(), 5),
        (models.BinaryField(), 5),
    ],
    ids=str,
)
def test_value_that_has_no_equal_is_refused(field, value):
    with pytest.raises(ReportError, match=r"^Row 3: .* does not fit into the column 'a'"):
        column_of([None, None, value], field)
    with pytest.raises(ReportError, match=r"^Row 2: .* does not fit into the column 'a'"):
        column_of([[], [None, value]], field, is_list=True)


def test_integer_that_python_does_not_print_is_refused():
    with pytest.raises(ReportError, match=r"^Row 1: a huge int does not fit into the column 'a'"):
        column_of([10**5000], models.IntegerField())


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (decimals(5, 2), Decimal("0.125"), Decimal("0.12")),
        (decimals(5, 2), Decimal(2) / 3, Decimal("0.67")),
        (decimals(5, 2), 1 / 3, Decimal("0.33")),
    ],
    ids=str,
)
def test_decimals_are_rounded_to_an_output_field(field, value, expected):
    assert column_of([value], None, format=variant(output_fields={"a": field}))[1] == [expected]


def test_decimal_too_large_for_an_output_field_is_refused():
    with pytest.raises(ReportError):
        column_of([Decimal(1000)], None, format=variant(output_fields={"a": decimals(5, 2)}))


# Datetimes


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Sao_Paulo"])
def test_naive_datetime_in_an_aware_column_is_in_the_current_time_zone(zone):
    with timezone.override(zone):
        (found,) = column_of([NOON], models.DateTimeField())[1]
    assert found == NOON.replace(tzinfo=ZoneInfo(zone))


def test_aware_datetime_in_a_naive_column_is_in_the_current_time_zone(settings):
    settings.USE_TZ = False
    (value,) = native_values([NOON.replace(tzinfo=datetime.UTC)])
    assert column_of([value], models.DateTimeField()) == (
        "timestamp[us]",
        [timezone.make_naive(NOON.replace(tzinfo=datetime.UTC))],
    )


def test_hours_outside_of_the_calendar_in_utc_are_kept():
    zone = datetime.timezone(datetime.timedelta(hours=5))
    first = datetime.datetime(1, 1, 1, 4, tzinfo=zone)
    values = [first, NOON.replace(tzinfo=zone)]
    column = opened(written(values, models.DateTimeField()))["a"]
    microseconds = column.cast(pa.int64()).to_pylist()
    assert microseconds[1] - microseconds[0] == (values[1] - first) // datetime.timedelta(
        microseconds=1
    )
