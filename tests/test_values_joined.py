"""Lists and the values of to-many columns: when a join is escaped as a formula."""

import datetime
from decimal import Decimal

import pytest

from streamreports.values import CellFormatter, TextOptions


def joined(values, **options):
    (text,) = CellFormatter(**options).joined_texts([values], TextOptions())
    return text


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([Decimal("-0.01")], "-0.01"),
        ([-1, -2], "-1, -2"),
        ([None, -1], "-1"),
        ([datetime.timedelta(-1)], "-1 00:00:00"),
        ([[-1], [-2]], "-1, -2"),
        ([-1, "=x"], "-1, =x"),
    ],
    ids=repr,
)
def test_join_that_begins_with_a_number_is_not_escaped(values, expected):
    assert joined(values) == expected
    assert CellFormatter().text(values, TextOptions()) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["-1", -2], "'-1, -2"),
        ([None, "=x"], "'=x"),
        ([["=x"], 1], "'=x, 1"),
    ],
    ids=repr,
)
def test_join_that_begins_with_a_text_is_escaped(values, expected):
    assert joined(values) == expected


def test_empty_list_does_not_decide():
    assert joined([[None], [], "=x"], separator="") == "'=x"


def test_result_of_a_format_decides():
    assert joined([1], format=lambda value: -value) == "-1"
    assert joined([1], format=lambda value: f"={value}") == "'=1"


def test_format_of_joined_values_is_called_once_for_each():
    calls = []
    assert joined([[1, None], 2], format=lambda value: calls.append(value) or value) == "1, 2"
    assert calls == [1, 2]


def test_numbers_with_a_format_are_not_escaped():
    assert joined([Decimal("-1.5")], format=".2f") == "-1.50"
