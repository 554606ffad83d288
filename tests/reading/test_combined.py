import datetime

import pytest
from django.db import connection
from django.db.models import Count, F, Value

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from tests.factories import MakerFactory, PartFactory, SpecimenFactory
from tests.models import Maker, Part, Specimen

pytestmark = pytest.mark.django_db


def rows_of(queryset, *columns, **options):
    return list(Report(queryset, columns, **options).rows())


def names_of_both():
    """Return the names of makers and parts in one queryset."""
    for name in "ab":
        PartFactory(name=name, quantity=2, specimen=SpecimenFactory(maker__name=f"maker of {name}"))
    makers = Maker.objects.values_list("name", "size")
    return makers.union(Part.objects.order_by().values_list("name", "quantity")).order_by("name")


def test_union_of_two_models_is_read_by_its_values():
    queryset = names_of_both()
    expected = [("a", "2"), ("b", "2"), ("maker of a", "1"), ("maker of b", "1")]
    assert rows_of(queryset, "name", "size") == expected
    assert rows_of(queryset, "size", "name") == [(size, name) for name, size in expected]


@pytest.mark.parametrize(("rows", "exceeds"), [(3, True), (4, False)])
def test_rows_of_a_union_are_counted(rows, exceeds):
    assert Report(names_of_both(), ["name"]).exceeds(rows) is exceeds


def test_fewer_columns_of_a_union_are_as_many_rows():
    assert rows_of(names_of_both(), "size") == [("2",), ("2",), ("1",), ("1",)]


@pytest.mark.parametrize("chunk_size", [1, 3, 2000])
def test_union_is_read_in_chunks(chunk_size):
    assert len(rows_of(names_of_both(), "name", chunk_size=chunk_size)) == 4


def test_union_runs_one_query(django_assert_num_queries):
    queryset = names_of_both()
    with django_assert_num_queries(1):
        rows_of(queryset, "name", "size")


@pytest.mark.parametrize(
    "values",
    [
        lambda queryset: queryset.values("char", "datetime", "maker__name"),
        lambda queryset: queryset.values_list("char", "datetime", "maker__name"),
        lambda queryset: queryset.values_list("char", "datetime", "maker__name", named=True),
    ],
)
def test_values_of_a_union_print_like_others(values):
    when = datetime.datetime(2026, 11, 20, 12, 30, tzinfo=datetime.UTC)
    SpecimenFactory(char="=a", datetime=when, maker__name="Acme")
    SpecimenFactory(char="b", datetime=None, maker=None)
    queryset = values(Specimen.objects.all())
    combined = queryset.union(queryset, all=True).order_by("char")
    columns = ["maker__name", Column("char", label="Text"), Column("datetime", format="%d/%m/%Y")]
    assert rows_of(combined, *columns) == [("Acme", "'=a", "20/11/2026")] * 2 + [("", "b", "")] * 2


def test_flat_values_of_a_union():
    MakerFactory(name="m")
    names = Maker.objects.values_list("name", flat=True)
    assert rows_of(names.union(names), "name") == [("m",)]


def test_union_of_instances_is_read_by_their_fields():
    SpecimenFactory(char="a", kind="r", maker=MakerFactory(pk=7))
    SpecimenFactory(char="b", kind="c", maker=MakerFactory(pk=8))
    queryset = Specimen.objects.filter(kind="r").union(Specimen.objects.filter(kind="c"))
    columns = ["char", "get_kind_display", "maker", "maker_id"]
    assert rows_of(queryset.order_by("char"), *columns) == [
        ("a", "Rare kind", "7", "7"),
        ("b", "Common kind", "8", "8"),
    ]


def test_annotation_of_a_union_is_among_its_values():
    MakerFactory(name="m")
    PartFactory(name="p", specimen=None, specimen_id=SpecimenFactory(maker=None).pk)
    makers = Maker.objects.annotate(type=Value("maker")).values("name", "type")
    parts = Part.objects.order_by().annotate(type=Value("part")).values("name", "type")
    rows = rows_of(makers.union(parts).order_by("name"), "type", "name")
    assert rows == [("maker", "m"), ("part", "p")]


@pytest.mark.parametrize(("name", "expected"), [("intersection", ["b"]), ("difference", ["a"])])
def test_other_combinations_are_read_by_their_values(name, expected):
    if not getattr(connection.features, f"supports_select_{name}"):
        pytest.skip("The database cannot combine queries like this.")
    for char in "ab":
        SpecimenFactory(char=char)
    queryset = getattr(Specimen.objects.values("char"), name)(
        Specimen.objects.filter(char="b").values("char")
    )
    assert [row[0] for row in rows_of(queryset, "char")] == expected


def test_union_is_written_by_every_way():
    report = Report(names_of_both(), ["name", "size"])
    assert b"".join(report.stream(CsvFormat())) == (
        b"Name,Size\r\na,2\r\nb,2\r\nmaker of a,1\r\nmaker of b,1\r\n"
    )
    assert "printed in Python: the queryset is made by union()" in str(report.explain())


@pytest.mark.parametrize("name", ["union", "intersection", "difference"])
@pytest.mark.parametrize(
    ("column", "described"),
    [
        ("__str__", "'__str__'"),
        ("maker__name", "'maker__name'"),
        ("parts__name", "'parts__name'"),
        (Column(Count("parts"), name="parts"), "'parts'"),
        (Column(F("integer") + 1, name="more"), "'more'"),
        (Column(str, label="Text", name="text"), "'text'"),
        (Column(batch=list, label="Text", name="text"), "'text'"),
    ],
    ids=repr,
)
def test_column_that_is_not_among_the_values_is_refused(name, column, described):
    queryset = getattr(Specimen.objects.all(), name)(Specimen.objects.all())
    with pytest.raises(ColumnError) as caught:
        Report(queryset, ["kind", column])
    assert caught.value.problem == (
        f"{described} is not among the values of a queryset made by {name}()."
    )
    assert caught.value.hint == (
        "Select it with values() in each of the querysets that are combined, or combine their"
        " conditions with Q objects in one queryset."
    )


def test_field_that_a_union_does_not_select_is_refused():
    queryset = Specimen.objects.values("kind")
    with pytest.raises(ColumnError) as caught:
        Report(queryset.union(queryset), ["kind", "char"])
    assert caught.value.problem == "'char' is not among the values of a queryset made by union()."
