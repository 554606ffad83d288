"""The few types of values that formats with types are given."""

import datetime
import enum
import uuid
from collections import OrderedDict, namedtuple
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db.models import IntegerChoices, TextChoices
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from streamreports.native import native_values
from tests.strategies import hostile_text, json_values

TYPES = {
    type(None), bool, int, float, Decimal, str, bytes,
    datetime.datetime, datetime.date, datetime.time, datetime.timedelta, list, dict,
}  # fmt: skip


class Number(IntegerChoices):
    ONE = 1


class Word(TextChoices):
    ONE = "one"


class PlainWord(str, enum.Enum):  # noqa: UP042
    ONE = "one"


class Unprintable:
    def __str__(self):
        return "\0\ud800"


Point = namedtuple("Point", "x y")
SAMPLES = [
    None, True, 5, 10**5000, 0.5, Decimal("1.50"), "=text", b"a\0",
    datetime.date(2026, 1, 2), datetime.time(3, 4), datetime.timedelta(1),
    datetime.datetime(2026, 1, 2), datetime.datetime(2026, 1, 2, tzinfo=ZoneInfo("UTC")),
]  # fmt: skip


@pytest.mark.parametrize("value", SAMPLES, ids=lambda value: type(value).__name__)
def test_value_of_a_native_type_stays_as_it_is(value):
    (native,) = native_values([value])
    assert (native, type(native)) == (value, type(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Number.ONE, 1),
        (Word.ONE, "one"),
        (PlainWord.ONE, "one"),
        (mark_safe("<b>"), "<b>"),
        (gettext_lazy("Yes"), "Yes"),
        ("a\0\ud800", "a\ufffd\ufffd"),
        (Unprintable(), "\ufffd\ufffd"),
        (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (bytearray(b"a"), b"a"),
        (memoryview(b"a"), b"a"),
        (1j, "1j"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("others", [[], [None, 5]], ids=["alone", "among others"])
def test_value_of_another_type_becomes_native(value, expected, others):
    native, *_ = native_values([value, *others])
    assert (native, type(native)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((1, None), [1, None]),
        (Point(1, 2), [1, 2]),
        ({3, 1, 2}, [1, 2, 3]),
        ((n for n in (2, 1)), [2, 1]),
        ({"a": 1}.keys(), ["a"]),
        ([Word.ONE, [uuid.UUID(int=1)]], ["one", ["00000000-0000-0000-0000-000000000001"]]),
        (OrderedDict(a=(1,)), {"a": [1]}),
        ({1: "\0", None: {"\ud800": b""}}, {"1": "\ufffd", "": {"\ufffd": b""}}),
    ],
    ids=repr,
)
def test_collections_are_lists_and_dictionaries_of_native_values(value, expected):
    assert list(native_values([value])) == [expected]


def test_collections_are_text_for_formats_that_do_not_nest():
    assert list(native_values([[1], {"a": 1}, 5], as_text=repr)) == ["[1]", "{'a': 1}", 5]


def test_list_that_contains_itself_is_text():
    endless = []
    endless.append(endless)
    (native,) = native_values([endless])
    assert native.startswith("<list object at 0x")


def test_aware_datetimes_are_in_the_current_time_zone():
    value = datetime.datetime(2026, 1, 2, 12, tzinfo=datetime.UTC)
    zone = ZoneInfo("America/Sao_Paulo")
    with timezone.override(zone):
        first, second = native_values([value, None])
    assert (first.isoformat(), first.tzinfo, second) == ("2026-01-02T09:00:00-03:00", zone, None)


def test_datetime_that_the_time_zone_cannot_represent_stays_as_it_is():
    value = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    with timezone.override("Asia/Tokyo"):
        assert list(native_values([value])) == [value]


def parts_of(value):
    """Yield a value and all that it contains."""
    yield value
    if isinstance(value, dict):
        value = [*value, *value.values()]
    for part in value if isinstance(value, list) else ():
        yield from parts_of(part)


@given(st.lists(json_values | hostile_text | st.sampled_from(SAMPLES) | st.binary() | st.uuids()))
def test_values_have_native_types_only_and_can_be_encoded(values):
    parts = [part for value in native_values(values) for part in parts_of(value)]
    assert set(map(type, parts)) <= TYPES
    text = "".join(part for part in parts if isinstance(part, str))
    assert "\0" not in text
    text.encode()
