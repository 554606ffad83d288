import pytest
from django.db.models import (
    Avg,
    Case,
    CharField,
    Count,
    Exists,
    F,
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

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
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
from tests.models import Certificate, Drawer, LockedDrawer, Maker, Part, Slot
from tests.reports.support import rows_of, specimens, values_of

pytestmark = pytest.mark.django_db


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
