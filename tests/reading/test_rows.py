import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count, F, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.test.utils import CaptureQueriesContext

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
from streamreports.reports import Report
from tests.factories import (
    PartFactory,
    SpecimenFactory,
)
from tests.models import Certificate, Drawer, Maker, Note, Part, Specimen, Tag

pytestmark = pytest.mark.django_db

in_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="Only PostgreSQL has server-side cursors and read-only transactions in Django.",
)

specimens = Specimen.objects.order_by("pk")


def rows_of(queryset, *columns, **options):
    return list(Report(queryset, columns, **options).rows())


def values_of(queryset, column):
    return [value for (value,) in rows_of(queryset, column)]


# The number of queries


def populate(number):
    """Have a number of each model, every one related to others of its own."""
    for model in (Certificate, Part, Drawer, Note, Specimen, Maker, Tag):
        model.objects.all().delete()
    makers = Maker.objects.bulk_create(
        [Maker(pk=n, name=f"m{n}", size=1) for n in range(1, number + 1)]
    )
    Specimen.objects.bulk_create(
        [
            Specimen(pk=m.pk, maker=m, char=m.name, kind="r", integer=m.pk, json={"a": m.pk})
            for m in makers
        ]
    )
    Part.objects.bulk_create([Part(specimen_id=m.pk, name=n) for m in makers for n in "ab"])
    Certificate.objects.bulk_create([Certificate(specimen_id=m.pk, number="1") for m in makers])
    content_type = ContentType.objects.get_for_model(Specimen)
    Note.objects.bulk_create(
        [Note(pk=m.pk, content_type=content_type, object_id=m.pk, body="n") for m in makers]
    )
    drawers = Drawer.objects.bulk_create(
        [Drawer(code=m.pk, note_id=m.pk, mood="g", side="left") for m in makers]
    )
    for drawer in drawers:
        drawer.parent_id = drawer.code
    Drawer.objects.bulk_update(drawers, ["parent"])
    tags = Tag.objects.bulk_create([Tag(pk=m.pk, name=m.name) for m in makers])
    through = Drawer.tags.through
    through.objects.bulk_create(
        [through(drawer_id=d.code, tag_id=t.pk) for d, t in zip(drawers, tags, strict=True)]
    )


def queries_of(source, columns, number):
    """Return how many queries a report of a model or queryset runs, whose rows are all there."""
    queryset = source.all() if isinstance(source, QuerySet) else source.objects.all()
    with CaptureQueriesContext(connection) as queries:
        assert len(rows_of(queryset, *columns)) == number
    return len(queries)


FIRST_PART = Part.objects.filter(specimen=OuterRef("pk")).values("pk")[:1]


def joins(number):
    """Return the queries of a report that joins some to-many columns; MariaDB asks for each."""
    return 1 + number if connection.vendor == "mysql" else 1


KINDS_OF_COLUMN = [
    (Specimen, ["char"], 1),
    (Specimen, ["maker__name", "maker__get_size_display", "get_kind_display"], 1),
    (Specimen, ["certificate__number", "certificate__specimen__maker__name"], 1),
    (Specimen, ["maker", "maker_id", "certificate"], 1),
    (Specimen, ["datetime__year", "json__a"], 1),
    (Specimen, [Column(F("integer") + F("maker__size"), label="x")], 1),
    (Specimen, [Column(Count("parts"))], 1),
    (Specimen, [Column(Subquery(FIRST_PART), label="x")], 1),
    (Specimen, ["parts__name"], joins(1)),
    (Specimen, ["parts__name", "notes__body", "maker__specimens__parts__name"], joins(3)),
    (Maker, ["specimens__parts__name", "specimens__get_kind_display"], 1 + joins(1)),
    (Drawer, ["tags__name", "parent__tags__name", "tags__drawers__note__body"], joins(3)),
    (Tag, ["drawers__code", "drawers"], joins(2)),
    (Specimen, ["maker__shout", "certificate__stamp", "certificate__specimen__maker__shout"], 1),
    (Specimen, ["maker__shout", "parts__name", Column(Count("parts"))], joins(1) + 1),
    (Specimen, ["__str__", Column(lambda specimen: specimen.char, label="x")], 1),
    (Drawer, ["loud", "length", "doubled", "described", "fixed", "__str__"], 1),
    (Drawer, ["get_mood_display", "parent__get_mood_display", "parent__loud"], 1),
    (Note, ["content_object"], 2),
    (Note, ["content_object", "content_type__model"], 2),
    (Drawer, ["note__content_object"], 2),
]


def test_number_of_queries_does_not_grow_with_the_rows():
    """It is what each kind of column says, whether there are 3 rows or 300."""
    counted = []
    for number in (3, 300):
        populate(number)
        counted.append([queries_of(model, names, number) for model, names, _ in KINDS_OF_COLUMN])
    queries = [queries for _, _, queries in KINDS_OF_COLUMN]
    assert counted == [queries, queries]


@pytest.mark.parametrize(("model", "columns", "queries"), KINDS_OF_COLUMN, ids=repr)
def test_number_of_queries_of_each_kind_of_column(model, columns, queries):
    populate(3)
    assert queries_of(model, columns, 3) == queries


def test_to_many_column_runs_one_query_a_chunk():
    SpecimenFactory.create_batch(7, maker=None)
    with CaptureQueriesContext(connection) as queries:
        rows_of(specimens, Column("parts__name", format=">3"), chunk_size=3)
    assert len(queries) == 1 + 3


def select_all_related(queryset):
    """Do what select_related() without arguments does, which Django 6.1 deprecates."""
    queryset.query.select_related = True
    return queryset


USERS_OWN = {
    "select_related()": select_all_related(Specimen.objects.all()),
    "select_related(a relation)": Specimen.objects.select_related("certificate"),
    "select_related(the same)": Specimen.objects.select_related("maker"),
    "only()": Specimen.objects.only("char"),
    "only(the key)": Specimen.objects.only("pk"),
    "only(along a path)": Specimen.objects.select_related("maker").only("char", "maker__size"),
    "defer()": Specimen.objects.defer("char", "text"),
    "defer(a relation)": Specimen.objects.defer("maker"),
    "prefetch_related()": Specimen.objects.prefetch_related("parts", "maker__specimens"),
    "Prefetch": Specimen.objects.prefetch_related(
        Prefetch("parts", Part.objects.filter(name="a"), to_attr="first_parts")
    ),
    "reverse()": Specimen.objects.order_by("-pk").reverse(),
}


@pytest.mark.parametrize("queryset", USERS_OWN.values(), ids=USERS_OWN)
@pytest.mark.parametrize(
    "columns",
    [
        ["char", "maker__name", "parts__name", "get_kind_display"],
        ["char", "maker__shout", "certificate__stamp"],
        ["__str__", "maker__shout", "parts__name", Column(Count("parts"))],
    ],
    ids=repr,
)
def test_what_the_user_has_asked_for_besides_changes_no_row(queryset, columns):
    populate(3)
    expected = sorted(rows_of(Specimen.objects.all(), *columns))
    assert sorted(rows_of(queryset.all(), *columns)) == expected


@pytest.mark.parametrize("name", ["select_related()", "select_related(a relation)"])
def test_select_related_of_the_user_adds_no_query_a_row(name):
    """Without arguments it follows no foreign key that may be null."""
    populate(5)
    assert queries_of(USERS_OWN[name], ["maker__shout"], 5) <= 2


@pytest.mark.parametrize("name", ["prefetch_related()", "Prefetch"])
def test_prefetch_of_the_user_is_left_out_where_no_instance_is_made(name):
    populate(5)
    assert queries_of(USERS_OWN[name], ["char"], 5) == 1


def test_a_function_that_changes_its_object_changes_no_other_column():
    SpecimenFactory(char="before")

    def change(specimen):
        specimen.char = "after"
        return specimen.char

    assert rows_of(specimens, Column(change, label="x"), "char") == [("after", "before")]


def test_prefetch_of_the_user_serves_a_callable():
    populate(5)
    column = Column(lambda specimen: [part.name for part in specimen.first_parts], label="x")
    with CaptureQueriesContext(connection) as queries:
        assert values_of(USERS_OWN["Prefetch"].all(), column) == ["a"] * 5
    assert len(queries) == 2


def test_prefetch_of_the_user_runs_once_a_chunk():
    populate(5)
    column = Column(lambda specimen: len(specimen.parts.all()), label="x")
    queryset = specimens.prefetch_related("parts")
    with CaptureQueriesContext(connection) as queries:
        assert rows_of(queryset, column, chunk_size=2) == [("2",)] * 5
    assert len(queries) == 1 + 3


# Querysets of every kind


@pytest.mark.parametrize("chunk_size", [7, 100, 101, 2000])
@pytest.mark.parametrize(
    ("columns", "text"),
    [(["id", "parts__name"], "of {}"), (["id", "__str__"], "Specimen object ({})")],
)
def test_every_row_is_read_once_in_the_order_of_the_queryset(chunk_size, columns, text):
    Specimen.objects.bulk_create([Specimen(pk=n) for n in range(1, 206)])
    Part.objects.bulk_create([Part(specimen_id=n, name=f"of {n}") for n in range(1, 206)])
    rows = rows_of(Specimen.objects.order_by("-pk"), *columns, chunk_size=chunk_size)
    assert rows == [(str(n), text.format(n)) for n in range(205, 0, -1)]


def test_distinct_keeps_one_row_an_object():
    for _ in range(2):
        PartFactory.create_batch(2, specimen=SpecimenFactory(kind="r"))
    queryset = specimens.filter(parts__quantity=1).distinct()
    assert values_of(queryset, "kind") == ["r", "r"]
    assert rows_of(queryset, "kind", Column(Count("parts"))) == [("r", "2"), ("r", "2")]
    assert len(rows_of(queryset, "kind", "__str__", "parts__quantity")) == 2


@in_postgresql
def test_distinct_on_keeps_the_first_row_of_each():
    for integer in (1, 2):
        SpecimenFactory(kind="r", integer=integer)
    queryset = Specimen.objects.order_by("kind", "-integer").distinct("kind")
    assert rows_of(queryset, "kind", "integer") == [("r", "2")]


def test_rows_of_values_are_the_groups():
    for kind in "rcc":
        SpecimenFactory(kind=kind, integer=2)
    queryset = Specimen.objects.values("kind").annotate(number=Count("pk")).order_by("kind")
    columns = [
        "kind",
        "get_kind_display",
        "number",
        Column(F("number") * 10, label="tenfold"),
        Column(Sum("integer")),
    ]
    assert rows_of(queryset, *columns) == [
        ("c", "Common kind", "2", "20", "4"),
        ("r", "Rare kind", "1", "10", "2"),
    ]


def test_some_of_the_values_are_still_the_groups():
    for kind in "rcc":
        SpecimenFactory(kind=kind)
    queryset = Specimen.objects.values("kind").annotate(number=Count("pk")).order_by("number")
    assert values_of(queryset, "number") == ["1", "2"]


def test_distinct_values_are_the_rows():
    for kind in "rcc":
        SpecimenFactory(kind=kind)
    queryset = Specimen.objects.values("kind").distinct().order_by("kind")
    assert values_of(queryset, "get_kind_display") == ["Common kind", "Rare kind"]


def test_column_outside_the_groups_is_right_or_refused():
    """Selecting it would make groups of its own."""
    for integer in (1, 2):
        SpecimenFactory(kind="c", integer=integer)
    queryset = Specimen.objects.values("kind").annotate(number=Count("pk")).order_by()
    try:
        rows = rows_of(queryset, "kind", "number", "integer")
    except ColumnError:
        return
    assert len(rows) == 1


@pytest.mark.parametrize("flat", [True, False])
def test_rows_of_a_values_list_are_its_values(flat):
    SpecimenFactory(kind="c")
    queryset = Specimen.objects.values_list("kind", flat=flat)
    assert values_of(queryset, "kind") == ["c"]


def test_dates_are_rows():
    SpecimenFactory.create_batch(2, full=True)
    assert values_of(Specimen.objects.dates("date", "year"), "datefield") == ["2026-01-01"]


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("parts__name", "parts__name"),
        ("maker__shout", "maker__shout"),
        ("__str__", "__str__"),
        (Column(str, label="Text"), "str"),
        (Column(str, label="Text", name="text"), "text"),
    ],
    ids=repr,
)
@pytest.mark.parametrize(
    "queryset", [Specimen.objects.values("kind"), Specimen.objects.values_list("kind", flat=True)]
)
def test_rows_of_values_are_no_objects(queryset, column, name):
    with pytest.raises(ColumnError) as caught:
        Report(queryset, ["kind", column])
    assert (caught.value.problem, caught.value.hint) == (
        f"'{name}' needs model instances, and the queryset has values().",
        "Annotate the queryset with what the column should hold.",
    )


def test_slice_is_kept():
    populate(5)
    columns = ["id", "parts__name", Column(Count("parts"))]
    assert rows_of(specimens[1:3], *columns) == [("2", "b, a", "2"), ("3", "b, a", "2")]
    assert [row[0] for row in rows_of(specimens[1:3], *columns, "maker__shout")] == ["2", "3"]


def test_slice_of_distinct_objects_is_kept():
    populate(3)
    assert values_of(specimens.distinct()[:2], "kind") == ["r", "r"]


@pytest.mark.parametrize("queryset", [Specimen.objects.none(), Specimen.objects.all()[:0]])
@pytest.mark.parametrize(
    "columns",
    [["id"], ["parts__name"], ["__str__", "maker__shout"], [Column(Count("parts"))]],
    ids=repr,
)
def test_empty_queryset_gives_no_rows_without_a_query(queryset, columns, django_assert_num_queries):
    SpecimenFactory()
    with django_assert_num_queries(0):
        assert rows_of(queryset, *columns) == []
