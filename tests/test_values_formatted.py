"""Format specifications honour the decimal separator of the file."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamreports.values import CellFormatter, TextOptions

COMMA = TextOptions(decimal_separator=",")


def printed(value, spec, style=COMMA):
    return CellFormatter(format=spec).text(value, style)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (1234.5, ",.2f", "1.234,50"),
        (Decimal("-1234567.5"), ",.2f", "-1.234.567,50"),
        (1234567, ",", "1.234.567"),
        (1234567, ",d", "1.234.567"),
        (1234.5, "_.1f", "1_234,5"),
        (1234.5, ".2f", "1234,50"),
        (0.125, ".1%", "12,5%"),
        (1234.5, ".2e", "1,23e+03"),
        (1234.5, ".>10.1f", "....1234,5"),
        (1234.5, ",<10.1f", "1234,5,,,,"),
        (1234, ".<8,", "1.234..."),
        (1234.5, "012,.1f", "00.001.234,5"),
        (-0.5, "+.1f", "-0,5"),
        (255, "x", "ff"),
        (float("nan"), ".2f", "nan"),
        (float("-inf"), ".2f", "-inf"),
    ],
)
def test_formatted_number_has_the_decimal_separator(value, spec, text):
    assert printed(value, spec) == text


def test_thousands_keep_their_commas_if_the_separator_is_no_comma():
    assert printed(1234.5, ",.1f", TextOptions(decimal_separator="·")) == "1,234·5"


def test_numbers_of_a_list_have_the_decimal_separator():
    assert CellFormatter(format=",.1f", separator="; ").text([1234.5, 2], COMMA) == "1.234,5; 2,0"


def test_text_that_looks_like_a_number_is_left_alone():
    assert printed("1,234.50", ">9") == " 1,234.50"


def test_date_is_left_alone():
    assert printed(datetime.date(2026, 11, 20), "%d.%m.%Y, %H") == "20.11.2026, 00"


def test_text_of_a_callable_format_is_left_alone():
    assert printed(1234.5, "{:,.2f} kg".format) == "1,234.50 kg"


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=3) | st.floats() | st.integers(),
    st.sampled_from([",.2f", ".1f", ",", "_.3f", "+,.0f", ".3e", ",.1%"]),
)
def test_signs_are_exchanged_and_nothing_else(value, spec):
    exchanged = printed(value, spec).translate(str.maketrans(".,", ",."))
    assert exchanged == printed(value, spec, TextOptions())
