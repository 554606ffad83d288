"""Formulas, unencodable text and decimal separators."""

import datetime
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamreports.escaping import escape_formula, replace_unencodable
from streamreports.values import CellFormatter, TextOptions
from tests.strategies import characters, hostile_text, json_values

STYLE = TextOptions()
UNESCAPED = TextOptions(escape_formulas=False)
COMMA = TextOptions(decimal_separator=",")

DANGEROUS = "=+-@\t\r\n＝＋－＠"
ZONES = [
    "UTC",
    "Africa/Monrovia",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
]

moment = datetime.datetime(2026, 11, 20, 12, 30, tzinfo=datetime.UTC)


def printed(value, style=STYLE, **options):
    return CellFormatter(**options).text(value, style)


def undo(text):
    """Take back what defusing did to a text."""
    return text[1:] if re.match(f"'+[{re.escape(DANGEROUS)}]", text) else text


# Formulas


@pytest.mark.parametrize("start", DANGEROUS)
def test_text_that_a_spreadsheet_would_run_is_defused(start):
    assert printed(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("start", DANGEROUS)
def test_sign_alone_is_defused(start):
    assert printed(start) == f"'{start}"


@pytest.mark.parametrize(
    ("text", "defused"),
    [
        ("'=1+1", "''=1+1"),
        ("'''-1", "''''-1"),
        ("+4915112345678", "'+4915112345678"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝cmd|' /C calc'!A0", "'＝cmd|' /C calc'!A0"),
    ],
)
def test_defused_text(text, defused):
    assert printed(text) == defused


@pytest.mark.parametrize(
    "text",
    ["", "'", "''", "'a", "a=1", " =1+1", "1+1", "a'=", "é=", "\u202e=1", "|cmd", "'1", "\x0b="],
)
def test_harmless_text_is_left_alone(text):
    assert printed(text) == text


def test_apostrophe_comes_after_cleaning():
    """A spreadsheet drops NUL, so what follows it is not looked at as it stands."""
    assert printed("\0=1") == "\ufffd=1"
    assert printed("=\0") == "'=\ufffd"


@given(hostile_text)
def test_defusing_can_be_undone(text):
    assert undo(escape_formula(text)) == replace_unencodable(text)


@given(st.text(st.sampled_from("'=+-@\t\r\n＝＋－＠a"), max_size=6))
def test_defusing_texts_of_signs_can_be_undone(text):
    assert undo(escape_formula(text)) == text


@given(hostile_text)
def test_defused_text_starts_with_no_formula(text):
    assert escape_formula(text)[:1] not in set(DANGEROUS)


@given(hostile_text)
def test_defusing_adds_one_apostrophe_at_most(text):
    assert escape_formula(text) in {replace_unencodable(text), "'" + replace_unencodable(text)}


@given(st.integers() | st.floats() | st.decimals() | st.timedeltas() | st.dates() | st.booleans())
def test_typed_values_are_never_touched(value):
    assert printed(value) == printed(value, UNESCAPED)


def test_style_switches_defusing_off():
    assert printed("=1", UNESCAPED) == "=1"


@pytest.mark.parametrize(
    ("style", "escape_formulas", "text"),
    [
        (STYLE, None, "'=1"),
        (STYLE, True, "'=1"),
        (STYLE, False, "=1"),
        (UNESCAPED, None, "=1"),
        (UNESCAPED, True, "'=1"),
        (UNESCAPED, False, "=1"),
    ],
)
def test_column_overrides_the_style(style, escape_formulas, text):
    assert printed("=1", style, escape_formulas=escape_formulas) == text
    assert printed(["=1"], style, escape_formulas=escape_formulas) == text
    assert printed(1, style, escape_formulas=escape_formulas, format=lambda _: "=1") == text


def test_json_text_is_defused():
    assert printed({1: 1, (2,): "{"}, lists_as_json=True)[0] == "{"
    assert printed("=1", lists_as_json=True) == "'=1"


def test_base64_that_begins_like_a_formula_is_defused():
    assert printed(b"\xf8") == "'+A=="


# What no file can hold


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\0b", "a\ufffdb"),
        ("\ud800", "\ufffd"),
        ("a\udfffé", "a\ufffdé"),
        ("\ud83d\ude00", "\ufffd\ufffd"),
        ("😀\u202e\ufeff\x01\x7f\n", "😀\u202e\ufeff\x01\x7f\n"),
    ],
    ids=ascii,
)
def test_nul_and_lone_surrogates_are_replaced(text, cleaned):
    assert printed(text, UNESCAPED) == cleaned


@given(hostile_text)
def test_cleaned_text_is_what_any_file_can_hold(text):
    assert "\0" not in replace_unencodable(text)
    assert replace_unencodable(text).encode().decode() == replace_unencodable(text)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_clean_text_is_left_alone(text):
    assert replace_unencodable(text) == text


def test_texts_inside_lists_are_cleaned():
    assert printed(["\ud800", ["\0"]]) == "\ufffd, \ufffd"


def test_text_made_by_a_format_is_cleaned():
    assert printed(1, format=lambda _: "\ud800\0") == "\ufffd\ufffd"


# Decimal separators


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1,5"),
        (-0.25, "-0,25"),
        (1.5e-7, "1,5e-07"),
        (Decimal("1234.50"), "1234,50"),
        (1, "1"),
        ("1.5", "1.5"),
        (datetime.time(0, 0, 0, 5), "00:00:00.000005"),
        (True, "True"),
    ],
)
def test_decimal_separator_stands_in_floats_and_decimals(value, text):
    assert printed(value, COMMA) == text


def test_decimal_separator_stands_where_the_format_does_not_fit():
    assert printed(1.5, COMMA, format="d") == "1,5"


# Many values at a time

anything = st.one_of(
    st.none(),
    hostile_text,
    st.integers(),
    st.floats(),
    st.decimals(),
    st.booleans(),
    st.datetimes(timezones=st.just(datetime.UTC)),
    st.lists(st.none() | hostile_text | st.integers(), max_size=3),
    st.binary(max_size=3),
    json_values,
)


@given(
    st.lists(anything, max_size=6),
    st.sampled_from([None, "", ".2f", "%d", ">5", repr]),
    st.sampled_from([STYLE, UNESCAPED, COMMA]),
    st.booleans(),
)
def test_values_of_a_column_print_as_each_alone(values, format, style, as_json):
    printer = CellFormatter(format=format, lists_as_json=as_json)
    assert printer.texts(values, style) == [printer.text(value, style) for value in values]


@given(
    anything | st.text(characters), st.sampled_from([None, "", ".2f", "c", "%Y %q", "=^9", ascii])
)
def test_whatever_prints_is_what_a_file_can_hold(value, format):
    text = printed(value, format=format)
    assert type(text) is str
    assert replace_unencodable(text) == text
