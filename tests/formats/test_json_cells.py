"""Native values as JSON."""

import datetime
import json
import math
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from streamreports.formats.json_cells import JsonPrinter
from streamreports.native import native_values
from tests.strategies import hostile_text, json_values


def printed(value, *, decimals_as_numbers=False):
    (text,) = JsonPrinter(decimals_as_numbers=decimals_as_numbers).texts(native_values([value]))
    return text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (-7, "-7"),
        (2**63 - 1, "9223372036854775807"),
        (0.1, "0.1"),
        (1.0, "1.0"),
        (1e300, "1e+300"),
        (-0.0, "-0.0"),
        (float("nan"), "null"),
        (float("-inf"), "null"),
        (Decimal("1.50"), '"1.50"'),
        (Decimal("1E+3"), '"1000"'),
        (Decimal("NaN"), '"NaN"'),
        ("", '""'),
        ("=1+1", '"=1+1"'),
        ('a"b\\c\n\x1f\x7f/\u2028ü文😀', '"a\\"b\\\\c\\n\\u001f\x7f/\u2028ü文😀"'),
        ("a\0b\ud800", '"a\ufffdb\ufffd"'),
        (gettext_lazy("Yes"), '"Yes"'),
        (b"\x00\xfe", '"AP4="'),
        (datetime.date(2026, 11, 20), '"2026-11-20"'),
        (datetime.time(9, 30, 0, 5), '"09:30:00.000005"'),
        (datetime.datetime(2026, 11, 20, 9, 30), '"2026-11-20T09:30:00"'),
        (
            datetime.datetime(1, 1, 1, 0, 0, 0, 5, datetime.UTC),
            '"0001-01-01T00:00:00.000005+00:00"',
        ),
        (datetime.timedelta(1, 2), '"1 00:00:02"'),
        ([], "[]"),
        ([1, None, "ü", [2.5]], '[1,null,"ü",[2.5]]'),
        ([float("nan"), Decimal("1.0"), b"a"], '[null,"1.0","YQ=="]'),
        ({"a": {"b": 1}, "ü": "\0"}, '{"a":{"b":1},"ü":"\ufffd"}'),
        (
            {"a": datetime.date(2026, 1, 2), "b": [None]},
            '{"a":"2026-01-02","b":[null]}',
        ),
    ],
    ids=repr,
)
def test_value_is_written_as(value, expected):
    assert printed(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.0000000001"), "-0.0000000001"),
        (Decimal("NaN"), "null"),
        (Decimal("-Infinity"), "null"),
        ([Decimal("0.10"), None], "[0.10,null]"),
    ],
    ids=repr,
)
def test_decimals_may_be_numbers(value, expected):
    assert printed(value, decimals_as_numbers=True) == expected


def test_integers_have_any_number_of_digits():
    digits = f"1{'0' * 5000}"
    assert printed(10**5000) == digits
    assert printed([10**5000, {"a": 10**5000}]) == f'[{digits},{{"a":{digits}}}]'


def finite(value):
    """Return a native value with null instead of the floats that JSON has not."""
    if isinstance(value, list):
        return list(map(finite, value))
    if isinstance(value, dict):
        return {key: finite(part) for key, part in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


@given(st.lists(json_values | hostile_text | st.floats()))
def test_column_is_what_the_standard_library_writes(values):
    native = native_values(values)
    texts = JsonPrinter(decimals_as_numbers=False).texts(native)
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    assert texts == [encode(finite(value)) for value in native]
    assert list(map(json.loads, texts)) == list(map(finite, native))
