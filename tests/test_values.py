import datetime
import re
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from streamreports.values import TextOptions
from tests.values_support import moment, printed

COMMA = TextOptions(decimal_separator=",")


ZONES = [
    "UTC",
    "Africa/Monrovia",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
]


# Time zones


def test_aware_datetime_prints_in_the_current_time_zone():
    with timezone.override("America/Sao_Paulo"):
        assert printed(moment) == "2026-11-20 09:30:00-03:00"


def test_datetime_of_another_zone_prints_in_the_current_time_zone():
    value = moment.astimezone(ZoneInfo("Asia/Kathmandu"))
    with timezone.override("America/Sao_Paulo"):
        assert printed(value) == "2026-11-20 09:30:00-03:00"


def test_naive_datetime_stays_as_it_is_in_any_time_zone():
    with timezone.override("America/Sao_Paulo"):
        assert printed(moment.replace(tzinfo=None)) == "2026-11-20 12:30:00"


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("America/Sao_Paulo", "2020-02-16 02:30:00-03:00"),
        ("UTC", "2020-02-16 05:30:00+00:00"),
        ("Asia/Kathmandu", "2020-02-16 11:15:00+05:45"),
    ],
)
def test_offset_is_that_of_the_moment(zone, text):
    with timezone.override(zone):
        assert printed(datetime.datetime(2020, 2, 16, 5, 30, tzinfo=datetime.UTC)) == text


@pytest.mark.parametrize(
    ("zone", "value", "text"),
    [
        ("America/Sao_Paulo", datetime.datetime.min, "0001-01-01 00:00:00+00:00"),
        ("Pacific/Kiritimati", datetime.datetime.max, "9999-12-31 23:59:59.999999+00:00"),
        ("America/Sao_Paulo", datetime.datetime.max, "9999-12-31 20:59:59.999999-03:00"),
        ("Africa/Monrovia", datetime.datetime.max, "9999-12-31 23:59:59.999999+00:00"),
    ],
)
def test_datetime_at_the_ends_of_the_calendar_prints(zone, value, text):
    """Where the current time zone cannot show it, it stays in its own."""
    with timezone.override(zone):
        assert printed(value.replace(tzinfo=datetime.UTC)) == text


@given(st.datetimes(), st.sampled_from(ZONES))
@example(datetime.datetime.min, "Pacific/Pago_Pago")
@example(datetime.datetime.max, "Pacific/Kiritimati")
def test_aware_datetime_reads_back_as_the_same_moment(value, zone):
    value = value.replace(tzinfo=datetime.UTC)
    with timezone.override(zone):
        assert datetime.datetime.fromisoformat(printed(value)) == value


@given(st.datetimes(timezones=st.sampled_from(ZONES).map(ZoneInfo)), st.sampled_from(ZONES))
@example(datetime.datetime.min.replace(tzinfo=ZoneInfo("Pacific/Kiritimati")), "UTC")
@example(datetime.datetime.max.replace(tzinfo=ZoneInfo("Pacific/Pago_Pago")), "UTC")
def test_aware_datetime_of_any_zone_prints_with_any_format(value, zone):
    with timezone.override(zone):
        assert re.fullmatch(r"\d{4}-.*[+-]\d\d:\d\d(:\d\d)?", printed(value))
        assert re.fullmatch(r"\d\d/\d\d", printed(value, format="%d/%m"))


# Lists


def test_list_is_joined_by_the_separator():
    assert printed([1, "b", True], separator="; ") == "1; b; True"


def test_null_in_a_list_is_left_out():
    assert printed([None, 1, None, 2]) == "1, 2"


@pytest.mark.parametrize("value", [[], [None], [None, None]], ids=repr)
def test_list_of_nothing_prints_nothing(value):
    assert printed(value) == ""


def test_empty_text_in_a_list_is_kept():
    assert printed(["", "a"]) == ", a"


def test_list_of_lists_is_joined_all_the_way():
    assert printed([[1, None], [2, [3]]]) == "1, 2, 3"


def test_dict_in_a_list_prints_as_json():
    assert printed([{"a": 1}, {"b": 2}]) == '{"a": 1}, {"b": 2}'


def test_list_from_a_json_field_prints_as_json():
    assert printed([1, None, "a"], lists_as_json=True) == '[1, null, "a"]'


def test_joined_list_is_defused_as_one_text():
    assert printed(["=1", "=2"]) == "'=1, =2"


def test_list_that_begins_with_a_separator_that_is_a_formula_is_defused():
    assert printed(["", "1"], separator="=") == "'=1"


def test_decimal_separator_reaches_into_lists():
    assert printed([1.5, Decimal("2.5")], COMMA, separator="; ") == "1,5; 2,5"


# Formats


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (datetime.date(2026, 11, 20), "%d/%m/%Y", "20/11/2026"),
        (datetime.time(9, 30), "%H.%M", "09.30"),
        (moment, "%d/%m/%Y %H:%M", "20/11/2026 12:30"),
        (1234567, ",d", "1,234,567"),
        (1234.5, ",.2f", "1,234.50"),
        (Decimal("1234.5"), ",.2f", "1,234.50"),
        (Decimal("1e30"), ".1f", "1000000000000000000000000000000.0"),
        (0.256, ".1%", "25.6%"),
        (255, "#x", "0xff"),
        ("Ana", ">6", "   Ana"),
        (True, "d", "1"),
        (-5, "+d", "-5"),
        (5, "+d", "+5"),
        (None, "%d/%m/%Y", ""),
        (None, ">6", ""),
    ],
)
def test_format_specification(value, spec, text):
    assert printed(value, format=spec) == text


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        ("Ana", "%d/%m/%Y", "Ana"),
        ("Ana", ",.2f", "Ana"),
        (1.5, "d", "1.5"),
        (7, "%d", "7"),
        (uuid.UUID(int=0), ".2f", "00000000-0000-0000-0000-000000000000"),
        (datetime.timedelta(1), "%d", "1 00:00:00"),
        (b"ab", ".2f", "YWI="),
        ({"a": 1}, ".2f", '{"a": 1}'),
        (True, "%d", "True"),
        (Decimal("1.5"), "d", "1.5"),
        (2**40, "c", "1099511627776"),
        (10**400, ".1f", "1" + "0" * 400),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_specification_that_does_not_fit_leaves_the_value_as_it_is(value, spec, text):
    assert printed(value, format=spec) == text


def test_empty_specification_prints_as_python_formats():
    assert printed(1.5, format="") == "1.5"


def test_datetime_is_formatted_in_the_current_time_zone():
    with timezone.override("America/Sao_Paulo"):
        assert printed(moment, format="%H:%M") == "09:30"


def test_callable_format_is_given_the_datetime_in_the_current_time_zone():
    with timezone.override("America/Sao_Paulo"):
        assert printed(moment, format=lambda value: value.hour) == "9"


def test_callable_format_is_given_the_value():
    assert printed("ana", format=str.title) == "Ana"


def test_what_a_callable_format_returns_prints_like_any_value():
    assert printed(5, format=lambda value: [value, None, True]) == "5, True"


def test_callable_format_may_return_nothing():
    assert printed(5, format=lambda value: None) == ""


def test_callable_format_is_never_given_none():
    assert printed(None, format=lambda value: value.missing) == ""


def test_text_of_a_callable_format_is_defused():
    assert printed(5, format="={}".format) == "'=5"


def test_text_of_a_specification_is_defused():
    assert printed("1+1", format="=>4") == "'=1+1"


def test_number_that_a_specification_formats_is_not_defused():
    assert printed(-1234, format=",d") == "-1,234"


def test_format_is_given_the_values_of_a_list_one_by_one():
    assert printed([1, 2.5], format=".1f") == "1.0, 2.5"


def test_format_is_given_a_json_list_whole():
    assert printed([1, 2], format=len, lists_as_json=True) == "2"
