import pytest
from django.db.models import Exists, F, OuterRef, Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
from streamreports.reports import Report
from tests.factories import MakerFactory, PartFactory, SpecimenFactory
from tests.models import Maker, Part, Specimen

pytestmark = pytest.mark.django_db

specimens = Specimen.objects.order_by("pk")


def texts_of(column, queryset=specimens):
    return [text for (text,) in Report(queryset, [column]).rows()]


def texts_from_python(column, queryset=specimens):
    """Return the texts of a column whose values no database joins."""
    column.format = str
    return texts_of(column, queryset)


either = pytest.mark.parametrize("texts", [texts_of, texts_from_python])


@pytest.fixture
def two_specimens():
    first, second = SpecimenFactory.create_batch(2)
    for name, quantity in [("a", 1), ("b", 3), ("c", 2), (None, 9)]:
        PartFactory(specimen=first, name=name, quantity=quantity)
    PartFactory(specimen=second, name="d", quantity=1)


@either
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Q(parts__quantity__gt=1), ["c, b", ""]),
        (~Q(parts__quantity=1), ["c, b", ""]),
        (~Q(parts__name="a"), ["c, b", "d"]),
        (Q(parts__quantity=1) | Q(parts__name="b"), ["b, a", "d"]),
        (Q(pk__lt=0), ["", ""]),
        (Exists(Part.objects.filter(specimen=OuterRef("pk"), name="d")), ["", "d"]),
    ],
    ids=str,
)
def test_filter_of_a_to_many_column_chooses_its_values(texts, condition, expected, two_specimens):
    assert texts(Column("parts__name", filter=condition)) == expected


@either
@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("parts__quantity", "a, c, b"),
        ("-parts__quantity", "b, c, a"),
        (["parts__quantity"], "a, c, b"),
        (F("parts__quantity").desc(), "b, c, a"),
        (("parts__specimen", "parts__name"), "a, b, c"),
        ((), "c, b, a"),
    ],
    ids=str,
)
def test_ordering_of_a_to_many_column(texts, ordering, expected, two_specimens):
    """The default is the order of the related model."""
    assert texts(Column("parts__name", ordering=ordering)) == [expected, "d"]


@either
def test_default_order_decides_between_equal_values(texts, two_specimens):
    column = Column("parts__quantity", ordering="parts__specimen")
    assert texts(column)[0] == "2, 3, 1, 9" or texts(column)[0] == "9, 2, 3, 1"


@either
def test_filter_along_two_to_many_relations(texts):
    maker = MakerFactory()
    for char, names in (("x", "ab"), ("y", "cd")):
        specimen = SpecimenFactory(maker=maker, char=char)
        for name in names:
            PartFactory(specimen=specimen, name=name)
    column = Column(
        "specimens__parts__name",
        filter=Q(specimens__char="y") & ~Q(specimens__parts__name="d"),
        ordering="-specimens__char",
    )
    assert texts(column, Maker.objects.all()) == ["c"]


def test_filtered_column_leaves_the_others_as_they_are(two_specimens):
    columns = ["parts__name", Column("parts__name", filter=Q(parts__quantity=3), label="Three")]
    assert list(Report(specimens, columns).rows()) == [("c, b, a", "b"), ("d", "")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_filtered_and_ordered_values_are_those_of_python(data, db):
    numbers = st.integers(-3, 3)
    quantities = data.draw(st.lists(st.lists(numbers, max_size=4), min_size=1, max_size=4))
    limit = data.draw(numbers)
    Specimen.objects.all().delete()
    for held in quantities:
        specimen = SpecimenFactory(maker=None)
        for quantity in held:
            PartFactory(specimen=specimen, quantity=quantity)
    column = Column(
        "parts__quantity",
        filter=Q(parts__quantity__gte=limit),
        ordering="-parts__quantity",
        escape_formulas=False,
    )
    expected = [
        ", ".join(map(str, sorted((q for q in held if q >= limit), reverse=True)))
        for held in quantities
    ]
    assert texts_of(column) == expected
    assert texts_from_python(column) == expected


@pytest.mark.parametrize("option", [{"filter": Q(char="a")}, {"ordering": "char"}], ids=str)
@pytest.mark.parametrize("source", ["char", "maker__name", "__str__", F("integer") + 1], ids=str)
def test_filter_and_ordering_are_of_to_many_columns(source, option):
    with pytest.raises(ColumnError) as caught:
        Report(specimens, [Column(source, label="x", name="it", **option)])
    assert caught.value.problem == "'it' has a filter or an ordering, but is not a to-many path."
    assert caught.value.hint == "Remove them; the rows are those of the queryset."


@pytest.mark.parametrize("option", [{"filter": Q(nope=1)}, {"ordering": "parts__nope"}], ids=str)
def test_filter_and_ordering_name_fields(option):
    with pytest.raises(ColumnError, match="nope") as caught:
        Report(specimens, [Column("parts__name", **option)])
    assert caught.value.problem.startswith("'parts__name' cannot be filtered or ordered: ")


def test_filter_is_a_condition():
    with pytest.raises(ColumnError) as caught:
        Report(specimens, [Column("parts__name", filter="parts__name")])
    assert caught.value.problem == (
        "The filter of 'parts__name' is 'parts__name', which is not a condition."
    )
