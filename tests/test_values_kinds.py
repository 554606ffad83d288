import base64
import datetime
import enum
import ipaddress
import json
import re
import uuid
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.fields.files import FieldFile
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from streamreports.values import TextOptions
from tests.models import Maker, Specimen
from tests.strategies import json_values
from tests.values_support import moment, printed

UNESCAPED = TextOptions(escape_formulas=False)


DANGEROUS = "=+-@\t\r\n＝＋－＠"


def undo(text):
    """Take back what defusing did to a text."""
    return text[1:] if re.match(f"'+[{re.escape(DANGEROUS)}]", text) else text


class Colour(enum.Enum):
    RED = "=red"

    def __str__(self):
        return self.value


class Word(str):
    __slots__ = ()

    def __str__(self):
        return "not what the text is"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("Ana", "Ana"),
        ("two\r\nlines", "two\r\nlines"),
        (mark_safe("<b>"), "<b>"),
        (Word("word"), "word"),
        (gettext_lazy("Yes"), "Yes"),
        (Specimen.Kind.RARE, "r"),
        (Maker.Size.LARGE, "2"),
        (True, "True"),
        (False, "False"),
        (0, "0"),
        (-7, "-7"),
        (2**80, "1208925819614629174706176"),
        (0.1, "0.1"),
        (-1.5, "-1.5"),
        (1e22, "1e+22"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (Decimal("10.50"), "10.50"),
        (Decimal("-0.00"), "-0.00"),
        (Decimal("1E+20"), "100000000000000000000"),
        (Decimal("1E-12"), "0.000000000001"),
        (Decimal("NaN"), "NaN"),
        (Decimal("sNaN"), "sNaN"),
        (Decimal("Infinity"), "Infinity"),
        (moment, "2026-11-20 12:30:00+00:00"),
        (moment.replace(microsecond=1), "2026-11-20 12:30:00.000001+00:00"),
        (moment.replace(tzinfo=None), "2026-11-20 12:30:00"),
        (datetime.datetime(1, 1, 1, microsecond=120), "0001-01-01 00:00:00.000120"),
        (datetime.date(2026, 11, 20), "2026-11-20"),
        (datetime.date(33, 4, 3), "0033-04-03"),
        (datetime.time(9, 30), "09:30:00"),
        (datetime.time(9, 30, 0, 5), "09:30:00.000005"),
        (datetime.timedelta(days=1, hours=2, seconds=3), "1 02:00:03"),
        (datetime.timedelta(seconds=1, microseconds=5), "00:00:01.000005"),
        (datetime.timedelta(days=-1), "-1 00:00:00"),
        (datetime.timedelta.max, "999999999 23:59:59.999999"),
        (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (ipaddress.ip_address("2001:db8::1"), "2001:db8::1"),
        (Colour.RED, "'=red"),
        ({"b": 1, "a": None}, '{"b": 1, "a": null}'),
        ({"name": "Zoë", "tags": ["ü", 1.5]}, '{"name": "Zoë", "tags": ["ü", 1.5]}'),
        (["a", "b"], "a, b"),
        (("a", 1), "a, 1"),
        (b"\x00\xfe", "AP4="),
        (memoryview(b"\x00\xfe"), "AP4="),
        (bytearray(b"\x00\xfe"), "AP4="),
        (b"", ""),
        (FieldFile(None, Specimen._meta.get_field("file"), "reports/a.txt"), "reports/a.txt"),
        (FieldFile(None, Specimen._meta.get_field("file"), None), ""),
        (SimpleUploadedFile("a.txt", b""), "a.txt"),
    ],
    ids=lambda value: f"{type(value).__name__} {value!r}"[:40],
)
def test_value_prints(value, text):
    assert printed(value) == text


def test_lazy_translation_prints_in_the_active_language():
    with translation.override("de"):
        assert printed(gettext_lazy("Yes")) == "Ja"


def test_lazy_translation_inside_a_list_prints_in_the_active_language():
    with translation.override("de"):
        assert printed([gettext_lazy("Yes"), gettext_lazy("No")]) == "Ja, Nein"


def test_integer_of_any_length_prints_its_digits():
    """Python refuses to turn integers of more than 4300 digits into text."""
    assert printed(10**5000) == "1" + "0" * 5000


@given(st.decimals())
def test_decimal_never_has_an_exponent(value):
    text = printed(value)
    assert "E" not in text.upper().replace("INFINITY", "")
    assert value.is_nan() or Decimal(text) == value


@given(st.floats(allow_nan=False))
def test_float_reads_back_equal(value):
    assert float(printed(value)) == value


@given(st.binary())
def test_bytes_read_back_equal(value):
    assert base64.b64decode(printed(value, escape_formulas=False)) == value


@given(json_values.filter(lambda value: isinstance(value, (dict, list))))
def test_json_reads_back_equal(value):
    assert json.loads(printed(value, lists_as_json=True)) == value


def test_json_keeps_what_is_not_ascii():
    assert printed(["日本", "é"], lists_as_json=True) == '["日本", "é"]'


def test_json_of_values_that_json_has_no_name_for_holds_them_as_texts():
    value = {"at": moment, "price": Decimal("1E+2"), "key": uuid.UUID(int=1)}
    assert printed(value) == (
        '{"at": "2026-11-20 12:30:00+00:00", "price": "100", '
        '"key": "00000000-0000-0000-0000-000000000001"}'
    )


def test_json_with_keys_that_are_no_texts_prints_as_python_has_it():
    assert printed({(1, 2): 3}) == "{(1, 2): 3}"


def test_json_that_holds_itself_prints_all_the_same():
    circle = {}
    circle["self"] = circle
    assert printed(circle) == "{'self': {...}}"


def test_deep_json_prints_all_the_same():
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert isinstance(printed({"deep": deep}), str)


def test_json_with_lone_surrogates_and_nul_prints_what_a_file_can_hold():
    assert printed({"a": "\ud800\0"}) == '{"a": "\ufffd\\u0000"}'
