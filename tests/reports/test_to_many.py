import pytest
from django.db.models import (
    FilteredRelation,
    Q,
)

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
from tests.factories import (
    CertificateFactory,
    DrawerFactory,
    MakerFactory,
    NoteFactory,
    PartFactory,
    SlotFactory,
    SpecimenFactory,
    TagFactory,
)
from tests.models import Certificate, Drawer, Maker, Tag
from tests.reports.support import rows_of, specimens, values_of

pytestmark = pytest.mark.django_db


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
