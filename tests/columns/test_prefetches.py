import pytest
from django.db.models import F, Prefetch, Q

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from tests.factories import DrawerFactory, MakerFactory, PartFactory, SpecimenFactory, TagFactory
from tests.models import Drawer, Maker, Note, Part, Specimen, Tag

pytestmark = pytest.mark.django_db

specimens = Specimen.objects.order_by("pk")
large = Prefetch("parts", Part.objects.filter(quantity__gt=1).order_by("quantity"))


@pytest.fixture
def specimen():
    specimen = SpecimenFactory(char="s")
    for name, quantity in [("a", 3), ("b", 1), ("c", 2), (None, 5)]:
        PartFactory(specimen=specimen, name=name, quantity=quantity)
    return specimen


def rows_of(queryset, *columns, **options):
    return list(Report(queryset, columns, **options).rows())


def test_to_many_column_is_read_from_the_prefetched_objects(specimen):
    assert rows_of(specimens.prefetch_related(large), "parts__quantity", "parts__name") == [
        ("2, 3, 5", "c, a")
    ]


def test_it_agrees_with_a_function(specimen):
    column = Column(lambda specimen: [part.name for part in specimen.parts.all()], label="x")
    assert rows_of(specimens.prefetch_related(large), "parts__name", column) == [("c, a", "c, a")]


def test_objects_are_prefetched_once_a_chunk(django_assert_num_queries):
    for specimen in SpecimenFactory.create_batch(5):
        PartFactory(specimen=specimen, quantity=2)
    queryset = specimens.prefetch_related(large)
    with django_assert_num_queries(1 + 3):
        assert rows_of(queryset, "parts__quantity", "parts__name", chunk_size=2)[0][0] == "2"


def test_whole_objects_print_their_keys(specimen):
    parts = specimen.parts.order_by("quantity").filter(quantity__gt=1)
    keys = ", ".join(str(part.pk) for part in parts)
    columns = ["parts", "parts__id", "parts__pk", "parts__specimen", "parts__specimen_id"]
    assert rows_of(specimens.prefetch_related(large), *columns) == [
        (keys, keys, keys, *[", ".join([str(specimen.pk)] * 3)] * 2)
    ]


def test_no_objects_print_nothing():
    SpecimenFactory()
    assert rows_of(specimens.prefetch_related(large), "parts__name") == [("",)]


def test_format_and_separator_apply(specimen):
    column = Column("parts__quantity", format=".1f", separator=" | ")
    assert rows_of(specimens.prefetch_related(large), column) == [("2.0 | 3.0 | 5.0",)]


def test_choices_print_their_labels():
    maker = MakerFactory()
    for kind in "rcz":
        SpecimenFactory(maker=maker, kind=kind)
    queryset = Maker.objects.prefetch_related(
        Prefetch("specimens", Specimen.objects.order_by("-kind"))
    )
    assert rows_of(queryset, "specimens__get_kind_display") == [("z, Rare kind, Common kind",)]


def test_json_values_are_joined():
    maker = MakerFactory()
    SpecimenFactory(maker=maker, json={"a": 1}, char="a")
    SpecimenFactory(maker=maker, json=[2], char="b")
    queryset = Maker.objects.prefetch_related(
        Prefetch("specimens", Specimen.objects.order_by("-char"))
    )
    assert rows_of(queryset, "specimens__json") == rows_of(
        Maker.objects.all(), Column("specimens__json", ordering="-specimens__char")
    )


def test_path_goes_on_beyond_the_prefetched_relation(specimen, django_assert_num_queries):
    queryset = Maker.objects.prefetch_related(
        Prefetch("specimens", Specimen.objects.filter(char="s"))
    )
    SpecimenFactory(maker=specimen.maker, char="other")
    with django_assert_num_queries(3):
        assert rows_of(queryset, "specimens__parts__name") == [("c, b, a",)]


def test_prefetch_may_be_further_along_the_path(specimen):
    nested = Prefetch("specimens__parts", Part.objects.filter(name="a"))
    assert rows_of(Maker.objects.prefetch_related(nested), "specimens__parts__name") == [("a",)]


def test_prefetch_may_be_nested(specimen):
    inner = specimens.prefetch_related(Prefetch("parts", Part.objects.filter(name="a")))
    queryset = Maker.objects.prefetch_related(Prefetch("specimens", inner))
    assert rows_of(queryset, "specimens__parts__name") == [("a",)]


def test_to_one_relations_on_the_way_may_be_null():
    DrawerFactory(code="b", parent=DrawerFactory(code="a", tags=[TagFactory(name="t")]))
    prefetch = Prefetch("parent__tags", Tag.objects.order_by("name"))
    queryset = Drawer.objects.order_by("pk").prefetch_related(prefetch)
    assert rows_of(queryset, "code", "parent__tags__name") == [("a", ""), ("b", "t")]


@pytest.mark.parametrize(
    "lookup",
    ["parts", "maker", Prefetch("parts"), Prefetch("notes", Note.objects.all())],
    ids=["parts", "maker", "Prefetch", "another"],
)
def test_other_prefetches_leave_a_column_to_the_database(specimen, lookup):
    report = Report(specimens.prefetch_related(lookup), ["parts__quantity"])
    assert report.explain().reader != "model instances"
    ((quantities,),) = report.rows()
    assert sorted(quantities.split(", ")) == ["1", "2", "3", "5"]


def test_prefetch_with_to_attr_leaves_a_column_to_the_database(specimen):
    prefetch = Prefetch("parts", Part.objects.filter(name="a"), to_attr="first_parts")
    queryset = specimens.prefetch_related(prefetch)
    assert rows_of(queryset, "parts__name") == [("c, b, a",)]


def test_native_cells_are_the_joined_text(specimen):
    queryset = specimens.prefetch_related(large)
    reader = Report(queryset, ["parts__quantity"])._reader(CsvFormat().options, wants="native")
    assert [list(batch) for batch in reader.batches()] == [[("2, 3, 5",)]]


def test_explanation_names_the_prefetch(specimen):
    assert str(Report(specimens.prefetch_related(large), ["parts__name"]).explain()) == (
        "Reads model instances: needed by Parts name.\n"
        "  Parts name  needs the instance: its objects are prefetched by a queryset"
    )


@pytest.mark.parametrize("option", [{"filter": Q(pk=1)}, {"ordering": "parts__name"}], ids=str)
def test_column_has_no_filter_and_ordering_besides(option):
    with pytest.raises(ColumnError) as caught:
        Report(specimens.prefetch_related(large), [Column("parts__name", **option)])
    assert caught.value.problem == (
        "'parts__name' has a filter or an ordering, but its relation is prefetched with a queryset"
        " of its own."
    )
    assert caught.value.hint == (
        "Put them into the queryset of Prefetch('parts'), or give that a to_attr."
    )


def test_transformed_value_cannot_be_read_from_objects():
    prefetch = Prefetch("specimens", Specimen.objects.filter(char="s"))
    with pytest.raises(ColumnError) as caught:
        Report(Maker.objects.prefetch_related(prefetch), ["specimens__datetime__year"])
    assert caught.value.problem == (
        "'specimens__datetime__year' is read from prefetched objects, which cannot transform a"
        " value."
    )


def test_annotations_of_the_prefetch_are_no_columns():
    prefetch = Prefetch("parts", Part.objects.annotate(double=F("quantity") * 2))
    with pytest.raises(ColumnError):
        Report(specimens.prefetch_related(prefetch), ["parts__double"])
