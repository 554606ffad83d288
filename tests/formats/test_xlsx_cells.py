"""How values stand in the cells of a workbook."""

import datetime
import math
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from streamreports.formats.xlsx.cells import days, rows_as_xml
from tests.formats.workbooks import cell_of, cells_of, opened, values_of, written
from tests.strategies import hostile_text

NOON = datetime.datetime(2026, 11, 20, 12, 30, 1)
NUMBER, TEXT = "n", "s"


# Numbers


@pytest.mark.parametrize(
    "value",
    [0, 1, -7, 999_999_999_999_999, -999_999_999_999_999, 0.1, -0.25, 1e-7, 1e22, 1 / 3],
)
def test_numbers_are_numbers(value):
    assert cell_of(value) == (NUMBER, value, "General")


@pytest.mark.parametrize(
    "value",
    [
        "1.50",
        "-0.001",
        "999999999999999",
        "123456789012.345",
        "0",
        "0.0000000000",
        "12300000000000000000",
        "1E+3",
        "-1E-7",
        "0.000000000000000123",
        "1E+307",
    ],
)
def test_decimals_are_numbers(value):
    assert cell_of(Decimal(value)) == (NUMBER, float(value), "General")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10**15, "1000000000000000"),
        (-(10**15), "-1000000000000000"),
        (2**63 - 1, "9223372036854775807"),
        (10**5000, "1" + "0" * 5000),
        (Decimal("1234567890123456"), "1234567890123456"),
        (Decimal("0.1234567890123456"), "0.1234567890123456"),
        (Decimal("12345678901234567890.0123456789"), "12345678901234567890.0123456789"),
        (Decimal("1E+308"), "1" + "0" * 308),
        (Decimal("1E-308"), "0." + "0" * 307 + "1"),
        (Decimal("NaN"), "NaN"),
        (Decimal("-Infinity"), "-Infinity"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
    ids=lambda value: str(value)[:20] if not isinstance(value, int) else "",
)
def test_numbers_that_excel_does_not_know_exactly_are_text(value, text):
    assert cell_of(value) == (TEXT, text, "General")


def test_floats_of_a_large_sum_are_numbers():
    cells = cells_of(1.5e308, 1.5e308)
    assert [(cell.data_type, cell.value) for cell in cells] == [(NUMBER, 1.5e308)] * 2


@given(st.lists(st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none(), min_size=1))
def test_no_number_is_changed(numbers):
    """A number that a double does not hold is text of the same value."""
    for number, cell in zip(numbers, cells_of(*numbers), strict=True):
        value = cell.value
        assert number == (type(number)(value) if isinstance(value, str) else value)


@given(st.lists(st.decimals(allow_nan=False), min_size=1))
def test_no_decimal_is_changed(decimals):
    for number, cell in zip(decimals, cells_of(*decimals), strict=True):
        assert number == Decimal(str(cell.value))


@pytest.mark.parametrize("value", [True, False])
def test_booleans_are_booleans(value):
    assert cell_of(value) == ("b", value, "General")


# Dates and times


@pytest.mark.parametrize(
    ("value", "shown", "format"),
    [
        (NOON, NOON, "yyyy-mm-dd hh:mm:ss"),
        (NOON.replace(microsecond=999_999), NOON, "yyyy-mm-dd hh:mm:ss"),
        (datetime.datetime.max, datetime.datetime(9999, 12, 31, 23, 59, 59), "yyyy-mm-dd hh:mm:ss"),
        (datetime.date(2026, 11, 20), datetime.datetime(2026, 11, 20), "yyyy-mm-dd"),
        (datetime.date(1900, 3, 1), datetime.datetime(1900, 3, 1), "yyyy-mm-dd"),
        (datetime.date.max, datetime.datetime(9999, 12, 31), "yyyy-mm-dd"),
        (datetime.time(9, 30, 5), datetime.time(9, 30, 5), "hh:mm:ss"),
        (datetime.time.min, datetime.time.min, "hh:mm:ss"),
        (datetime.time.max, datetime.time(23, 59, 59), "hh:mm:ss"),
    ],
    ids=str,
)
def test_dates_and_times_have_a_format(value, shown, format):
    assert cell_of(value) == ("d", shown, format)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime.date(1900, 2, 28), "1900-02-28"),
        (datetime.date.min, "0001-01-01"),
        (datetime.datetime(1900, 2, 28, 23, 59), "1900-02-28 23:59:00"),
        (datetime.time(9, 30, tzinfo=datetime.UTC), "09:30:00+00:00"),
        (datetime.timedelta(days=1, hours=2), "1 02:00:00"),
    ],
    ids=str,
)
def test_dates_and_times_that_excel_does_not_know_are_text(value, text):
    assert cell_of(value) == (TEXT, text, "General")


def test_dates_before_and_after_may_share_a_column():
    days = [datetime.date(1899, 1, 1), datetime.date(2026, 1, 1), None]
    assert [cell.value for cell in cells_of(*days)] == [
        "1899-01-01",
        datetime.datetime(2026, 1, 1),
        None,
    ]


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 12), ("Europe/Berlin", 13)])
def test_aware_datetimes_have_no_offset(zone, hour):
    with timezone.override(zone):
        value = timezone.localtime(NOON.replace(tzinfo=datetime.UTC))
        assert cell_of(value)[:2] == ("d", NOON.replace(hour=hour))


def test_datetime_that_the_time_zone_cannot_represent_keeps_its_offset():
    last = datetime.datetime(9999, 12, 31, 23, 30, tzinfo=datetime.UTC)
    with timezone.override("Europe/Berlin"):
        assert cell_of(last) == (TEXT, "9999-12-31 23:30:00+00:00", "General")


@given(st.datetimes(min_value=datetime.datetime(1900, 3, 1)))
def test_datetimes_are_exact_to_the_second(value):
    ((found,),) = values_of(opened(written([(value,)])).active)
    assert found == value.replace(microsecond=0)


# Text


@pytest.mark.parametrize(
    "value",
    [
        "=1+1",
        "+49 40 1",
        "-1",
        "@home",
        "http://example.com/?a=1&b=2",
        "<b>",
        "007",
        "1.5",
        "TRUE",
        "2026-11-20",
        " both ",
        "\ttab\t",
        "two\nlines",
        "last\n",
        "a\rb",
        "_x000D_",
        "_x005F_x000D_",
        "_xyz_",
        "\xa0",
        "\u2028\x85",
        "😀",
        "'",
        '"',
        "]]>",
    ],
    ids=ascii,
)
def test_text_is_text_and_nothing_else(value):
    assert cell_of(value) == (TEXT, value, "General")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\r\nb", "a\nb"),
        ("\0\x01\x0b\x1f", "\ufffd" * 4),
        ("\ud800a\udfff", "\ufffda\ufffd"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
    ],
    ids=ascii,
)
def test_text_that_xml_cannot_hold_is_replaced(value, text):
    assert cell_of(value) == (TEXT, text, "General")


@given(st.lists(hostile_text, min_size=1))
def test_text_is_read_back(texts):
    found = [value for (value,) in values_of(opened(written([(text,) for text in texts])).active)]
    for text, value in zip(texts, found, strict=True):
        legal = text.replace("\r\n", "\n").encode("utf-16", "surrogatepass")
        expected = "".join(
            c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd"
            for c in legal.decode("utf-16", "replace")
        )
        assert (value or "") == expected


@pytest.mark.parametrize("text", ["a" * 32_767, "😀" * 16_383], ids=["ascii", "astral"])
def test_longest_text_is_whole(text):
    assert cell_of(text)[1] == text


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("a" * 32_768, "aa… [shortened; the text has 32768 characters]"),
        ("😀" * 16_384, "😀😀… [shortened; the text has 16384 characters]"),
    ],
    ids=["ascii", "astral"],
)
def test_end_of_a_longer_text_says_that_it_is_shortened(text, end):
    shown = cell_of(text)[1]
    assert shown.endswith(end)
    assert 32_765 <= len(shown.encode("utf-16-le")) // 2 <= 32_767


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        ({"a": [1, None, "ü"]}, '{"a": [1, null, "ü"]}'),
        (b"\x00\xfe", "AP4="),
        (translation.gettext_lazy("Yes"), "Yes"),
    ],
    ids=str,
)
def test_values_of_other_types_are_text(value, text):
    assert cell_of(value) == (TEXT, text, "General")


def test_null_is_an_empty_cell():
    assert cell_of(None) == (NUMBER, None, "General")


# Columns


def test_column_may_have_values_of_any_type():
    values = [1, "a", None, True, 1.5, Decimal("2.5"), NOON, "b", 2]
    assert [cell.value for cell in cells_of(*values)] == [
        1,
        "a",
        None,
        True,
        1.5,
        2.5,
        NOON,
        "b",
        2,
    ]


def test_percent_signs_are_text():
    rows = [("%s", "100 %", 1), ("%d", "&%", 2)]
    assert values_of(opened(written(rows)).active) == rows


def test_cells_have_their_references():
    assert rows_as_xml([(1, "a", None), (2, "", " ")], 9) == (
        '<row r="9"><c r="A9"><v>1</v></c>'
        '<c r="B9" t="inlineStr"><is><t>a</t></is></c><c r="C9"/></row>'
        '<row r="10"><c r="A10"><v>2</v></c><c r="B10" t="inlineStr"><is><t></t></is></c>'
        '<c r="C10" t="inlineStr"><is><t xml:space="preserve"> </t></is></c></row>'
    )


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Sao_Paulo"])
@given(value=st.datetimes(min_value=datetime.datetime(1900, 3, 1)), fold=st.integers(0, 1))
def test_datetimes_are_days_of_local_time(zone, value, fold):
    (found,) = days([value.replace(tzinfo=ZoneInfo(zone), fold=fold)])
    whole = value.replace(microsecond=0)
    assert found == (whole - datetime.datetime(1899, 12, 30)) / datetime.timedelta(days=1)
