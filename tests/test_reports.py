import datetime
import re

import pytest
from django.db import connection
from django.db.models import (
    Avg,
    Case,
    CharField,
    Count,
    Exists,
    F,
    FilteredRelation,
    Max,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, Concat, RowNumber, TruncYear, Upper
from django.utils import timezone, translation
from django.utils.functional import Promise
from hypothesis import given, settings
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.escaping import escape_formula
from streamreports.exceptions import ColumnError, ReportError
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.factories import (
    CertificateFactory,
    DrawerFactory,
    LockedDrawerFactory,
    MakerFactory,
    NoteFactory,
    PartFactory,
    SlotFactory,
    SpecimenFactory,
    TagFactory,
)
from tests.models import Certificate, Drawer, LockedDrawer, Maker, Note, Part, Slot, Specimen, Tag
from tests.strategies import hostile_text, storable_text

pytestmark = pytest.mark.django_db

in_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="Only PostgreSQL has arrays."
)


def rows_of(queryset, *columns):
    """Return the rows of a report, which are the same whether or not it reads instances."""
    rows = list(Report(queryset, columns).rows())
    beside = Report(queryset, [*columns, Column(lambda instance: "beside", label="Python")])
    assert [(*row, "beside") for row in rows] == list(beside.rows())
    return rows


def values_of(queryset, column):
    """Return the only column of a report."""
    return [value for (value,) in rows_of(queryset, column)]


specimens = Specimen.objects.order_by("pk")


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


# Paths


def test_foreign_key_prints_the_key():
    specimen = SpecimenFactory()
    key = str(specimen.maker_id)
    assert rows_of(specimens, "maker", "maker_id", "maker__pk") == [(key, key, key)]


def test_path_goes_through_foreign_keys():
    SpecimenFactory(maker__name="Acme")
    assert values_of(specimens, "maker__name") == ["Acme"]


def test_path_goes_through_a_one_to_one_relation_in_both_directions():
    CertificateFactory(number="7", specimen__char="a", specimen__maker__name="Acme")
    assert values_of(specimens, "certificate__number") == ["7"]
    assert values_of(Certificate.objects.all(), "specimen__maker__name") == ["Acme"]


def test_path_goes_through_a_relation_of_a_model_to_itself():
    root = DrawerFactory(code="a")
    DrawerFactory(code="c", parent=DrawerFactory(code="b", parent=root))
    drawers = Drawer.objects.order_by("pk")
    assert rows_of(drawers, "parent__code", "parent__parent__code") == [
        ("", ""),
        ("a", ""),
        ("b", "a"),
    ]


def test_path_goes_through_the_two_tables_of_an_inherited_model():
    LockedDrawerFactory(code="a", key="k", tags=[TagFactory(name="t")])
    columns = ["pk", "code", "drawer_ptr__code", "key", "loud", "tags__name", "pk__tags__name"]
    assert rows_of(LockedDrawer.objects.all(), *columns) == [("a", "a", "a", "k", "A", "t", "t")]


def test_path_goes_to_the_child_of_an_inherited_model():
    LockedDrawerFactory(code="a", key="k")
    DrawerFactory(code="b")
    assert rows_of(Drawer.objects.order_by("pk"), "lockeddrawer__key", "lockeddrawer__loud") == [
        ("k", "A"),
        ("", ""),
    ]


def test_composite_primary_key_prints_its_values_joined():
    drawer = DrawerFactory(code="a", tags=[TagFactory(name="t")])
    SlotFactory(drawer=drawer, number=2)
    slots = Slot.objects.all()
    assert rows_of(slots, "pk", "drawer__tags__name", "number") == [("a, 2", "t", "2")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("datetime__year", "2026"),
        ("datetime__date", "2026-11-20"),
        ("date__month", "11"),
        ("json__a", '[1, null, "ü"]'),
        ("json__a__0", "1"),
        ("json__b", ""),
    ],
)
def test_path_may_end_in_transforms(path, text):
    SpecimenFactory(full=True)
    assert values_of(specimens, path) == [text]


@pytest.mark.parametrize("key", ["a b", "a'b", "a;b", "a--b", "a%b", "a%sb", "a%%b", "é", "a.b"])
def test_key_in_json_may_have_any_characters(key):
    """Keys are data, and Django forbids most of these signs in the names of values()."""
    SpecimenFactory(json={key: 1, "a": 2})
    assert values_of(specimens, f"json__{key}") == ["1"]


def test_key_in_json_may_have_any_characters_at_the_end_of_a_to_many_path():
    maker = MakerFactory()
    for number in (1, 2):
        SpecimenFactory(maker=maker, json={"a b%s": number})
    assert values_of(Maker.objects.all(), "specimens__json__a b%s") == ["1, 2"]


def test_column_may_be_there_several_times():
    key = str(SpecimenFactory(char="a").pk)
    columns = ["char", "char", Column("char", format=str.upper), Column(F("char")), "pk", "id"]
    assert rows_of(specimens, *columns) == [("a", "a", "A", "a", key, key)]


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


# Annotations and expressions


def test_annotation():
    SpecimenFactory(integer=3)
    queryset = specimens.annotate(twice=F("integer") * 2, labelled=Value("=x"))
    assert rows_of(queryset, "twice", "labelled") == [("6", "'=x")]


def test_annotation_with_transforms():
    SpecimenFactory(full=True)
    queryset = specimens.annotate(moment=F("datetime"), data=F("json"))
    assert rows_of(queryset, "moment__year", "data__a__2") == [("2026", "ü")]


def test_annotation_by_its_default_name():
    """Django calls Count("parts") parts__count, which looks like a path."""
    PartFactory.create_batch(2, specimen=SpecimenFactory())
    assert values_of(specimens.annotate(Count("parts")), "parts__count") == ["2"]


def test_annotation_beside_the_same_aggregate():
    PartFactory(specimen=SpecimenFactory())
    queryset = specimens.annotate(number=Count("parts"))
    assert rows_of(queryset, "number", Column(Count("parts"))) == [("1", "1")]


def test_alias_of_the_queryset_serves_in_an_expression():
    SpecimenFactory(integer=3)
    queryset = specimens.alias(twice=F("integer") * 2)
    assert values_of(queryset, Column(F("twice") + 1, label="x")) == ["7"]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (F("integer") * F("integer"), "49"),
        (F("maker__size") + 1, "2"),
        (Upper("slug"), "A-SLUG"),
        (Concat(Value("="), "slug", output_field=CharField()), "'=a-slug"),
        (Coalesce("file", Value("none"), output_field=CharField()), "reports/a.txt"),
        (Value("x"), "x"),
        (Value(None, output_field=CharField()), ""),
        (Q(integer__lt=0), "True"),
        (Case(When(integer__lt=0, then=Value("below")), default=Value("above")), "below"),
        (TruncYear("date"), "2026-01-01"),
        (Window(RowNumber(), order_by="pk"), "1"),
        (Count("parts"), "2"),
        (Count("parts", filter=Q(parts__quantity__gt=1)), "1"),
        (Sum("parts__quantity"), "3"),
        (Sum(F("parts__quantity") * 2), "6"),
        (Avg("parts__quantity"), "1.5"),
        (Max("notes__body"), ""),
        (Exists(Part.objects.filter(specimen=OuterRef("pk"))), "True"),
        (
            Subquery(
                Part.objects.filter(specimen=OuterRef("pk")).order_by("pk").values("name")[:1]
            ),
            "a",
        ),
        (Part.objects.filter(specimen=OuterRef("pk")).order_by("-pk").values("name")[:1], "b"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_expression(expression, text):
    specimen = SpecimenFactory(full=True)
    PartFactory(specimen=specimen, name="a", quantity=1)
    PartFactory(specimen=specimen, name="b", quantity=2)
    assert values_of(specimens, Column(expression, label="x")) == [text]


def test_expressions_of_several_kinds_stand_side_by_side():
    specimen = SpecimenFactory(char="a", integer=3)
    PartFactory.create_batch(2, specimen=specimen, name="p")
    columns = [
        "char",
        Column(Count("parts")),
        "parts__name",
        Column(F("integer") + 1, label="next"),
        "maker__shout",
        Column(Sum("parts__quantity")),
    ]
    assert rows_of(specimens, *columns) == [
        ("a", "2", "p, p", "4", specimen.maker.name.upper(), "2")
    ]


def test_aggregates_over_two_relations_are_right_or_refused():
    """Two joins multiply each other's rows, and what is counted with them."""
    specimen = SpecimenFactory()
    PartFactory.create_batch(2, specimen=specimen)
    NoteFactory.create_batch(3, content_object=specimen)
    columns = [Column(Count("parts")), Column(Sum("parts__quantity")), Column(Count("notes"))]
    try:
        rows = rows_of(specimens, *columns)
    except ColumnError:
        return
    assert rows == [("2", "2", "3")]


# To-many paths


def test_reverse_foreign_key_is_joined_in_the_order_of_its_model():
    specimen = SpecimenFactory()
    for name in ("b", "c", "a"):
        PartFactory(specimen=specimen, name=name)
    assert values_of(specimens, "parts__name") == ["c, b, a"]


def test_many_to_many_relation_is_joined_in_the_order_of_the_keys():
    tags = [TagFactory(name=name) for name in "cab"]
    DrawerFactory(tags=[tags[2], tags[0], tags[1]])
    assert values_of(Drawer.objects.all(), "tags__name") == ["c, a, b"]


def test_many_to_many_relation_is_joined_from_its_other_end():
    tag = TagFactory()
    for code in "bac":
        DrawerFactory(code=code, tags=[tag])
    assert values_of(Tag.objects.all(), "drawers__code") == ["a, b, c"]


def test_generic_relation_is_joined():
    specimen = SpecimenFactory()
    NoteFactory(content_object=specimen, body="a")
    NoteFactory(content_object=specimen, body="b")
    NoteFactory(content_object=MakerFactory(pk=specimen.pk + 1000), body="of another model")
    assert values_of(specimens, "notes__body") == ["a, b"]


def test_path_of_two_hops_is_joined():
    maker = MakerFactory()
    for names in (("b", "a"), (), ("c",)):
        specimen = SpecimenFactory(maker=maker)
        for name in names:
            PartFactory(specimen=specimen, name=name)
    assert values_of(Maker.objects.all(), "specimens__parts__name") == ["b, a, c"]


def test_path_through_a_foreign_key_and_back_is_joined():
    maker = MakerFactory()
    SpecimenFactory(char="a", maker=maker)
    SpecimenFactory(char="b", maker=maker)
    assert values_of(specimens, "maker__specimens__char") == ["a, b", "a, b"]


def test_path_of_a_to_many_relation_and_a_foreign_key_is_joined():
    tag = TagFactory()
    DrawerFactory(code="c", tags=[tag], parent=DrawerFactory(code="a"))
    DrawerFactory(code="d", tags=[tag], parent=DrawerFactory(code="b"))
    DrawerFactory(code="e", tags=[tag])
    assert values_of(Tag.objects.all(), "drawers__parent__code") == ["a, b"]


def test_to_many_relation_prints_the_keys():
    specimen = SpecimenFactory()
    parts = [PartFactory(specimen=specimen, name=name) for name in "ba"]
    keys = f"{parts[0].pk}, {parts[1].pk}"
    assert rows_of(specimens, "parts", "parts__pk", "parts__id") == [(keys, keys, keys)]


def test_to_many_relation_of_composite_keys_is_joined():
    drawer = DrawerFactory(code="a")
    SlotFactory(drawer=drawer, number=2)
    SlotFactory(drawer=drawer, number=1)
    assert values_of(Drawer.objects.all(), "slots__number") == ["1, 2"]


def test_to_many_path_of_nulls_prints_nothing():
    specimen = SpecimenFactory()
    PartFactory(specimen=specimen, name=None)
    PartFactory(specimen=specimen, name=None)
    assert values_of(specimens, "parts__name") == [""]


def test_null_in_a_to_many_path_is_left_out():
    specimen = SpecimenFactory()
    for name in ("a", None, "b"):
        PartFactory(specimen=specimen, name=name)
    assert values_of(specimens, "parts__name") == ["b, a"]


def test_to_many_path_to_json_is_joined_and_not_json_itself():
    maker = MakerFactory()
    for value in ({"a": 1}, None, [1, "=x"]):
        SpecimenFactory(maker=maker, json=value)
    assert values_of(Maker.objects.all(), "specimens__json") == ['{"a": 1}, [1, "=x"]']
    assert values_of(Maker.objects.all(), "specimens__json__a") == ["1"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "'=b, a"),
        ({"separator": "; "}, "'=b; a"),
        ({"separator": ""}, "'=ba"),
        ({"escape_formulas": False}, "=b, a"),
        ({"format": ">3"}, " =b,   a"),
        ({"format": str.upper}, "'=B, A"),
    ],
    ids=str,
)
def test_options_of_a_joined_column(options, text):
    DrawerFactory(tags=[TagFactory(name="=b"), TagFactory(name="a")])
    assert values_of(Drawer.objects.all(), Column("tags__name", **options)) == [text]


def test_one_row_an_object_however_many_relations_are_joined():
    specimen = SpecimenFactory()
    PartFactory.create_batch(3, specimen=specimen, name="p")
    NoteFactory.create_batch(2, content_object=specimen, body="n")
    SpecimenFactory()
    columns = ["id", "parts__name", "notes__body", "maker__specimens__id", "parts__quantity"]
    rows = rows_of(specimens, *columns)
    assert [row[1:3] + row[4:] for row in rows] == [("p, p, p", "n, n", "1, 1, 1"), ("", "", "")]


@pytest.mark.parametrize(
    ("queryset", "path"),
    [
        (Certificate.objects.all(), "specimen_id__parts__name"),
        (Certificate.objects.all(), "specimen__parts__name"),
        (
            Certificate.objects.annotate(
                large=FilteredRelation("specimen__parts", condition=Q(specimen__parts__id__gt=0))
            ),
            "large__name",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_path_multiplies_rows(queryset, path):
    """It is joined, or else it is refused."""
    certificate = CertificateFactory()
    PartFactory.create_batch(3, specimen=certificate.specimen)
    try:
        rows = rows_of(queryset, path)
    except ColumnError:
        return
    assert len(rows) == 1


def test_filtered_relation_to_one_object():
    SpecimenFactory(maker__name="Acme", maker__size=1)
    SpecimenFactory(maker__name="Best", maker__size=2)
    queryset = specimens.annotate(small=FilteredRelation("maker", condition=Q(maker__size=1)))
    assert values_of(queryset, "small__name") == ["Acme", ""]


# What Python computes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("loud", "A"),
        ("length", "1"),
        ("doubled", "aa"),
        ("described", "'=a"),
        ("told", ""),
        ("in_parent", "b"),
        ("fixed", "fixed"),
        ("of_class", "Drawer"),
        ("__str__", "Drawer a"),
        ("parent__loud", "B"),
        ("parent__length", "1"),
        ("parent__parent__loud", ""),
    ],
)
def test_attribute_of_the_instance(name, text):
    DrawerFactory(code="a", parent=DrawerFactory(code="b"))
    assert values_of(Drawer.objects.filter(code="a"), name) == [text]


def test_attribute_across_a_one_to_one_relation():
    CertificateFactory(number="7")
    SpecimenFactory()
    assert values_of(specimens, "certificate__stamp") == ["<7>", ""]


def test_generic_foreign_key_prints_its_object():
    NoteFactory(content_object=DrawerFactory(code="1"))
    assert values_of(Note.objects.all(), "content_object") == ["Drawer 1"]


def test_generic_foreign_key_to_what_is_gone_prints_nothing():
    note = NoteFactory(content_object=MakerFactory())
    Maker.objects.filter(pk=note.object_id).delete()
    assert values_of(Note.objects.all(), "content_object") == [""]


def test_generic_foreign_key_at_the_end_of_a_path():
    note = NoteFactory(content_object=MakerFactory(name="Acme"))
    DrawerFactory(code="a", note=note)
    DrawerFactory(code="b")
    assert values_of(Drawer.objects.order_by("pk"), "note__content_object") == ["Acme", ""]


class View:
    prefix = "="

    def get_columns(self):
        return [Column(self.name_of, label="Name")]

    def name_of(self, specimen):
        return self.prefix + specimen.char


def test_bound_method_of_a_view():
    SpecimenFactory(char="a")
    assert values_of(specimens, View().get_columns()[0]) == ["'=a"]


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda specimen: specimen.integer, "-7"),
        (lambda specimen: None, ""),
        (lambda specimen: ["a", None, 1], "a, 1"),
        (lambda specimen: {"a": specimen.integer}, '{"a": -7}'),
        (lambda specimen: specimen.datetime, "2026-11-20 12:30:00+00:00"),
        (lambda specimen: specimen.file, "reports/a.txt"),
        (lambda specimen: specimen.maker, "Acme"),
        (lambda specimen: "\ud800\0", "\ufffd\ufffd"),
        (lambda specimen: specimen.binary, "AP4="),
    ],
)
def test_what_a_callable_returns_prints_like_any_value(function, text):
    SpecimenFactory(full=True, maker__name="Acme")
    assert values_of(specimens, Column(function, label="x")) == [text]


def test_callable_sees_annotations():
    SpecimenFactory(integer=2)
    queryset = specimens.annotate(twice=F("integer") * 2)
    assert values_of(queryset, Column(lambda s: s.twice + 1, label="x")) == ["5"]


def test_error_in_a_callable_is_not_hidden():
    SpecimenFactory(char="a")
    report = Report(specimens, [Column(lambda specimen: specimen.char.missing, label="x")])
    with pytest.raises(AttributeError, match="'str' object has no attribute 'missing'"):
        list(report.rows())


# The report


def test_header_is_the_labels():
    report = Report(specimens, ["id", "maker__name", Column("char", label="A label")])
    assert report.header == ["ID", "Maker name", "A label"]


@pytest.mark.parametrize(
    ("label", "header"), [("=1", "'=1"), ("a\0\ud800", "a\ufffd\ufffd"), ("'+1", "''+1"), ("", "")]
)
def test_header_is_made_safe_like_any_text(label, header):
    assert Report(specimens, [Column("id", label=label)]).header == [header]


@given(hostile_text)
def test_header_is_defused_like_any_text(label):
    assert Report(specimens, [Column("id", label=label)]).header == [escape_formula(label)]


def test_header_follows_the_switch_of_its_column():
    assert Report(specimens, [Column("id", label="=1", escape_formulas=False)]).header == ["=1"]


def test_header_follows_the_options_of_the_format():
    class Format(CsvFormat):
        escape_formulas = False
        decimal_separator = ","

    columns = [Column("id", label="=1.5"), Column("char", label="=2", escape_formulas=True)]
    file = b"".join(Report(specimens, columns).stream(Format()))
    assert file == b"=1.5,'=2\r\n"


def test_header_is_not_formatted_like_the_values():
    assert Report(specimens, [Column("id", label="ID", format=">9")]).header == ["ID"]


def test_labels_are_in_the_language_in_which_the_report_was_made():
    with translation.override("de"):
        report = Report(Drawer.objects.all(), ["described"])
    assert report.header == ["E-Mail-Adresse"]
    assert not isinstance(report.header[0], Promise)


def test_rows_follow_the_style():
    SpecimenFactory(char="=1", floating=1.5)
    style = TextOptions(escape_formulas=False, decimal_separator=",")
    assert list(Report(specimens, ["char", "floating"]).rows(style)) == [("=1", "1,5")]


def test_rows_can_be_read_again():
    report = Report(specimens, ["char", "parts__name", "maker__shout"])
    assert list(report.rows()) == []
    SpecimenFactory(char="a", maker=None)
    assert list(report.rows()) == [("a", "", "")]


def test_report_of_a_queryset_that_was_evaluated_reads_the_database():
    queryset = specimens.all()
    assert list(queryset) == []
    SpecimenFactory(char="a")
    assert values_of(queryset, "char") == ["a"]
    assert values_of(queryset, "__str__") != []


def test_making_a_report_runs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        columns = ["char", "parts__name", "maker__shout", Column(Count("parts"))]
        report = Report(specimens, columns)
        assert report.header
        assert report.explain()


def test_report_of_no_columns_is_told():
    with pytest.raises(
        ColumnError, match=r"^A report has no columns\. List the columns to export\.$"
    ):
        Report(specimens, [])


@pytest.mark.parametrize("chunk_size", [0, -1, "10", None])
def test_invalid_chunk_size_is_refused(chunk_size):
    message = f"chunk_size is {chunk_size!r}. Use an integer of at least 1."
    with pytest.raises(ReportError, match=f"^{re.escape(message)}$"):
        Report(specimens, ["id"], chunk_size=chunk_size)


# Explaining


def test_explanation_of_a_report_of_text_rows():
    report = Report(specimens, ["id", "maker__name", "floating"])
    assert str(report.explain()) == (
        "Reads text rows: no column needs the model instance.\n"
        "  ID          printed by the database\n"
        "  Maker name  printed by the database\n"
        f"  Floating    printed in Python: {connection.display_name} prints FloatField differently"
    )


def test_explanation_of_a_report_that_the_database_prints():
    report = Report(specimens, ["id", "maker__name"])
    assert str(report.explain()).splitlines()[0] == (
        "Reads text rows: the database prints every column."
    )


def test_explanation_of_a_report_of_instances():
    report = Report(specimens, ["id", "__str__", Column(str, label="Text")])
    first, *ways = str(report.explain()).splitlines()
    assert first.startswith("Reads model instances: needed by ")
    assert first.endswith(", Text.")
    assert ways[-1] == "  Text  needs the instance: a property, method or callable"


def test_explanation_can_be_read_by_a_program():
    explanation = Report(specimens, ["id", "maker__shout"]).explain()
    assert explanation.reader == "model instances"
    assert explanation.reason == "needed by Maker shout"
    assert explanation.columns == [
        ("ID", "printed in Python: the instance has it already"),
        ("Maker shout", "needs the instance: a property, method or callable"),
    ]
