import datetime

import pytest
from django.db import connection
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.escaping import escape_formula
from streamreports.reports import Report
from tests.factories import (
    DrawerFactory,
    MakerFactory,
    SpecimenFactory,
)
from tests.models import Drawer, Maker, Specimen
from tests.reports.support import rows_of, specimens, values_of
from tests.strategies import storable_text

pytestmark = pytest.mark.django_db


in_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="Only PostgreSQL has arrays."
)


# Every class of field


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("big", "9223372036854775807"),
        ("binary", "AP4="),
        ("boolean", "True"),
        ("char", "'=1"),
        ("date", "2026-11-20"),
        ("datetime", "2026-11-20 12:30:00+00:00"),
        ("decimal", "1234.5000000000"),
        ("duration", "1 02:03:04"),
        ("email", "ana@example.com"),
        ("file", "reports/a.txt"),
        ("floating", "0.1"),
        ("integer", "-7"),
        ("ip", "2001:db8::1"),
        ("json", '{"a": [1, null, "ü"]}'),
        ("kind", "r"),
        ("slug", "a-slug"),
        ("text", "two\nlines"),
        ("time", "09:30:00"),
        ("url", "https://example.com/?a=1"),
        ("uuid", "00000000-0000-0000-0000-000000000005"),
    ],
)
def test_field_prints(field, text):
    SpecimenFactory(full=True, char="=1", decimal="1234.5")
    assert values_of(specimens, field) == [text]


@pytest.mark.parametrize(
    "name",
    [
        *(f.name for f in Specimen._meta.fields if f.name != "id"),
        "maker_id",
        "maker__name",
        "maker__size",
        "maker__get_size_display",
        "maker__shout",
        "get_kind_display",
        "certificate",
        "certificate__number",
        "certificate__stamp",
        "certificate__specimen__maker__name",
        "parts",
        "parts__name",
        "notes__body",
        "maker__specimens__char",
        "maker__specimens__get_kind_display",
        "datetime__year",
        "json__a__b",
    ],
)
def test_null_prints_nothing(name):
    SpecimenFactory(char=None, maker=None)
    assert values_of(specimens, name) == [""]


@pytest.mark.parametrize("field", ["char", "integer", "datetime", "decimal"])
@pytest.mark.parametrize("format", ["%d/%m/%Y", ",.2f", ">9", str], ids=str)
def test_null_is_never_formatted(field, format):
    SpecimenFactory(char=None)
    assert values_of(specimens, Column(field, format=format)) == [""]


@settings(max_examples=40)
@given(st.lists(st.none() | storable_text, min_size=1, max_size=4))
def test_text_field_prints_its_text(texts):
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(text=text) for text in texts])
    assert values_of(specimens, "text") == ["" if t is None else escape_formula(t) for t in texts]


@settings(max_examples=40)
@given(st.integers(-(2**63), 2**63 - 1))
def test_integer_field_prints_its_digits(value):
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(big=value)])
    assert values_of(specimens, "big") == [str(value)]


@settings(max_examples=40)
@given(st.datetimes(timezones=st.just(datetime.UTC), min_value=datetime.datetime(1000, 1, 1)))
def test_datetime_field_prints_its_moment(value):
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(datetime=value)])
    with timezone.override("Pacific/Kiritimati"):
        (text,) = values_of(specimens, "datetime")
    assert datetime.datetime.fromisoformat(text) == value


def test_datetimes_print_in_the_time_zone_that_is_current_when_they_are_read():
    SpecimenFactory(full=True)
    report = Report(specimens, ["datetime", Column("datetime", format="%H:%M")])
    with timezone.override("America/Sao_Paulo"):
        assert list(report.rows()) == [("2026-11-20 09:30:00-03:00", "09:30")]


@in_postgresql
@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("labels", "'=a, b"),
        (Column("labels", separator="|"), "'=a|b"),
        (Column("labels", escape_formulas=False), "=a, b"),
        (Column("labels", format=str.upper), "'=A, B"),
        ("labels__0", "'=a"),
        ("labels__len", "2"),
        ("counts", "1, 3"),
    ],
    ids=repr,
)
def test_array_field_prints_its_values_joined(column, text):
    from tests.models import Shelf

    Shelf.objects.create(labels=["=a", "b"], counts=[[1, None], [None, 3]])
    assert values_of(Shelf.objects.all(), column) == [text]


@in_postgresql
def test_array_of_nothing_prints_nothing():
    from tests.models import Shelf

    Shelf.objects.create(labels=[], counts=None)
    assert rows_of(Shelf.objects.all(), "labels", "counts") == [("", "")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, "ü", None], '[1, "ü", null]'),
        ({"b": {"a": []}}, '{"b": {"a": []}}'),
        ([], "[]"),
        ({}, "{}"),
        ("=1", "'=1"),
        (1.5, "1.5"),
        (True, "True"),
        ("", ""),
    ],
    ids=repr,
)
def test_json_field_prints(value, text):
    SpecimenFactory(json=value)
    assert values_of(specimens, "json") == [text]


# Choices


def test_choice_prints_its_label():
    SpecimenFactory(kind="c")
    assert values_of(specimens, "get_kind_display") == ["Common kind"]


def test_value_outside_the_choices_prints_as_itself():
    SpecimenFactory(kind="=odd")
    assert values_of(specimens, "get_kind_display") == ["'=odd"]


def test_choice_at_the_end_of_a_path_prints_its_label():
    SpecimenFactory(maker__size=2)
    SpecimenFactory(maker__size=77)
    assert values_of(specimens, "maker__get_size_display") == ["Large works", "77"]


def test_choice_label_is_in_the_language_of_the_report():
    DrawerFactory(code="a", answer="y")
    DrawerFactory(code="b", answer="n")
    DrawerFactory(code="c", answer="u")
    with translation.override("de"):
        drawers = Drawer.objects.order_by("pk")
        assert values_of(drawers, "get_answer_display") == ["Ja", "Nein", "Unbekannt"]


def test_format_is_given_the_label_of_a_choice():
    SpecimenFactory(kind="c")
    assert values_of(specimens, Column("get_kind_display", format=str.upper)) == ["COMMON KIND"]


def test_overridden_display_method_is_called():
    DrawerFactory(code="a", mood="g", parent=DrawerFactory(code="b", mood="b"))
    columns = ["get_mood_display", "parent__get_mood_display"]
    assert rows_of(Drawer.objects.order_by("pk"), *columns) == [
        ("Mood: g", "Mood: b"),
        ("Mood: b", ""),
    ]


def test_choice_in_a_to_many_path_prints_its_label():
    maker = MakerFactory()
    for kind in ("c", "r", "odd", None):
        SpecimenFactory(maker=maker, kind=kind)
    assert values_of(Maker.objects.all(), "specimens__get_kind_display") == [
        "Common kind, Rare kind, odd"
    ]


def test_label_that_is_another_value_is_not_looked_up_again():
    parent = DrawerFactory(code="a", side="left")
    DrawerFactory(code="b", side="right", parent=parent)
    rows = rows_of(
        Drawer.objects.filter(code="a"), "get_side_display", "children__get_side_display"
    )
    assert rows == [("right", "left")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("none", "No options"),
        ("many", "many"),
        ({"none": 1}, '{"none": 1}'),
        (5, "5"),
    ],
    ids=repr,
)
def test_json_outside_the_choices_prints_as_itself(value, text):
    DrawerFactory(options=value)
    assert values_of(Drawer.objects.all(), "get_options_display") == [text]


def test_choice_that_no_dictionary_can_hold_prints_its_label():
    """Django's own get_<field>_display takes a list for the value of a choice."""
    assert DrawerFactory(shape=[1, 2]).get_shape_display() == "A pair"
    assert values_of(Drawer.objects.all(), "get_shape_display") == ["A pair"]
