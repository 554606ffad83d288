import gc
import threading
import time
import tracemalloc

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections
from django.db.models import Count, F, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.test.utils import CaptureQueriesContext

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.factories import (
    NoteFactory,
    PartFactory,
    SpecimenFactory,
    pairs_of_specimens,
)
from tests.models import Certificate, Drawer, Maker, Note, Part, Specimen, Tag

pytestmark = pytest.mark.django_db

where_rows_are_streamed = pytest.mark.skipif(
    connection.vendor == "mysql", reason="Django's cursors hold the whole result on MySQL."
)

in_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="For SQLite.")
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


# Batches


def batches_of(queryset, *columns, **options):
    reader = Report(queryset, columns, **options)._reader(TextOptions())
    return [len(batch) for batch in reader.batches()]


@pytest.mark.parametrize(
    ("number", "chunk_size", "sizes"),
    [
        (0, 2000, []),
        (3, 2000, [3]),
        (100, 2000, [100]),
        (101, 2000, [100, 1]),
        (150, 60, [60, 60, 30]),
        (300, 150, [100, 150, 50]),
    ],
)
@pytest.mark.parametrize("columns", [["id"], ["id", "__str__"]], ids=str)
def test_first_batch_is_small_and_no_other_is_longer_than_a_chunk(
    number, chunk_size, sizes, columns
):
    Specimen.objects.bulk_create([Specimen() for _ in range(number)])
    assert batches_of(specimens, *columns, chunk_size=chunk_size) == sizes


@pytest.mark.parametrize("columns", [["id"], ["id", "__str__"], ["id", "parts__name"]], ids=str)
def test_batches_have_as_many_rows_as_the_consumer_wants(columns):
    Specimen.objects.bulk_create([Specimen() for _ in range(250)])
    reader = Report(specimens, columns)._reader(TextOptions())
    batches = reader.batches()
    sizes = [len(next(batches))]
    for reader.wanted in (7, 30, 200):
        sizes.append(len(next(batches)))
    assert sizes == [100, 7, 30, 113]


@pytest.mark.parametrize(
    ("queryset", "columns"),
    [
        (specimens.prefetch_related("notes"), ["__str__"]),
        (select_all_related(specimens.all()), ["maker__shout"]),
    ],
    ids=["prefetch_related", "select_related"],
)
def test_batches_of_instances_for_which_each_chunk_costs_a_query_are_chunks(queryset, columns):
    Specimen.objects.bulk_create([Specimen() for _ in range(300)])
    assert batches_of(queryset, *columns, chunk_size=150) == [100, 50, 150]


# Memory


def peak_of(report):
    """Return how many rows a report has, and the bytes that Python held at most."""
    tracemalloc.start()
    try:
        rows = sum(1 for _ in report.rows())
        return rows, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@where_rows_are_streamed
def test_memory_does_not_hold_the_instances():
    """Of 6,000 instances, which take about 25 MB."""
    columns = ["id", "text", Column(lambda specimen: specimen.other, label="Other")]
    queryset = pairs_of_specimens(78, text="x" * 100)
    rows, peak = peak_of(Report(queryset, columns, chunk_size=250))
    assert rows == 6_084
    assert peak < 4_000_000


@where_rows_are_streamed
def test_memory_does_not_hold_the_to_many_values():
    """Of 600 objects with 6,000 values, which take about 2 MB."""
    Specimen.objects.bulk_create([Specimen(pk=n) for n in range(1, 601)])
    Part.objects.bulk_create(
        [Part(specimen_id=n, name="x" * 50) for n in range(1, 601) for _ in range(10)]
    )
    rows, peak = peak_of(Report(specimens, ["id", "parts__name"], chunk_size=50))
    assert rows == 600
    assert peak < 600_000


# One state of the database


def state_of_transaction():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('transaction_isolation'), "
            "current_setting('transaction_read_only')"
        )
        return cursor.fetchone()


def open_cursors():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors")
        return cursor.fetchone()[0]


def elsewhere(function):
    """Call a function with a database connection of its own."""

    def run():
        try:
            function()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


transactional = pytest.mark.django_db(transaction=True)

EITHER_READER = pytest.mark.parametrize("columns", [["id"], ["id", "__str__"]], ids=str)


@in_postgresql
@transactional
def test_reading_happens_in_one_read_only_repeatable_read_transaction():
    SpecimenFactory.create_batch(3)
    column = Column(lambda specimen: state_of_transaction(), label="state", separator=" ")
    assert rows_of(specimens, column, chunk_size=1) == [("repeatable read on",)] * 3
    assert not connection.in_atomic_block
    assert state_of_transaction() == ("read committed", "off")


@in_postgresql
@transactional
@EITHER_READER
def test_transaction_is_closed_when_the_rows_are_read(columns):
    SpecimenFactory.create_batch(3)
    rows = Report(specimens, columns, chunk_size=1).rows()
    next(rows)
    assert connection.in_atomic_block
    assert len(list(rows)) == 2
    assert not connection.in_atomic_block
    assert open_cursors() == 0


@in_postgresql
@transactional
@EITHER_READER
def test_transaction_is_closed_when_the_rows_are_closed_early(columns):
    SpecimenFactory.create_batch(3)
    rows = Report(specimens, columns, chunk_size=1).rows()
    next(rows)
    assert open_cursors() == 1
    rows.close()
    assert not connection.in_atomic_block
    assert open_cursors() == 0
    SpecimenFactory()


@in_postgresql
@transactional
@EITHER_READER
def test_transaction_is_closed_when_the_rows_are_forgotten(columns):
    SpecimenFactory.create_batch(3)
    rows = Report(specimens, columns, chunk_size=1).rows()
    next(rows)
    del rows
    gc.collect()
    assert not connection.in_atomic_block
    assert open_cursors() == 0


@in_postgresql
@transactional
def test_transaction_is_closed_when_a_column_fails():
    SpecimenFactory(char="a")
    report = Report(specimens, [Column(lambda specimen: specimen.char.missing, label="x")])
    with pytest.raises(AttributeError):
        list(report.rows())
    assert not connection.in_atomic_block
    assert open_cursors() == 0
    SpecimenFactory()


@in_postgresql
@transactional
def test_rows_that_are_never_begun_open_nothing():
    report = Report(specimens, ["id"])
    report.rows().close()
    assert not connection.in_atomic_block


@pytest.fixture
def file_database(tmp_path, django_db_blocker):
    """Give the alias of a SQLite database in a file: one in memory has no states to keep apart."""
    alias = "file"
    file = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "file.sqlite3"}
    configured = connections.configure_settings({"default": {}, alias: file})
    connections.settings[alias] = configured[alias]
    with django_db_blocker.unblock():
        with connections[alias].cursor() as cursor:
            cursor.execute("PRAGMA journal_mode = WAL")
        with connections[alias].schema_editor() as editor:
            for model in apps.get_models():
                editor.create_model(model)
        yield alias
        connections[alias].close()
    del connections[alias]
    del connections.settings[alias]


def tagged_drawers(using="default"):
    """Return three drawers with a tag."""
    tag = Tag.objects.using(using).create(name="before")
    for code in "abc":
        Drawer.objects.using(using).create(code=code).tags.add(tag)
    return Drawer.objects.using(using).order_by("pk")


def change_all(using="default"):
    Tag.objects.using(using).update(name="after")
    Drawer.objects.using(using).update(weight=1)
    connections[using].close()


def see_one_state(drawers, using="default"):
    """See that a report, which asks for the tags of two rows at a time, knows no later change."""
    tags = Column(lambda drawer: [tag.name for tag in drawer.tags.all()], label="tags")
    columns = ["tags__name", "weight", tags]
    rows = Report(drawers.prefetch_related("tags"), columns, chunk_size=2).rows()
    first = next(rows)
    elsewhere(lambda: change_all(using))
    assert [first, *rows] == [("before", "", "before")] * 3
    assert rows_of(drawers, *columns) == [("after", "1.0", "after")] * 3


@pytest.mark.skipif(connection.vendor == "sqlite", reason="One in memory has a single state.")
@transactional
def test_all_queries_of_a_report_see_the_same_state():
    see_one_state(tagged_drawers())


@in_sqlite
def test_all_queries_of_a_report_see_the_same_state_of_a_file(file_database):
    see_one_state(tagged_drawers(file_database), file_database)


@in_sqlite
def test_a_file_may_be_written_while_a_report_is_read(file_database):
    """By others and by the request itself, which could not if it read an old state."""
    drawers = tagged_drawers(file_database)
    rows = Report(drawers, ["weight"], chunk_size=1).rows()
    next(rows)
    elsewhere(lambda: change_all(file_database))
    Drawer.objects.using(file_database).create(code="d")
    assert list(rows) == [("",), ("",)]
    assert drawers.count() == 4


def bytes_sent():
    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Bytes_sent'")
        return int(cursor.fetchone()[1])


@pytest.mark.skipif(connection.vendor != "mysql", reason="Others ask for rows.")
@transactional
@EITHER_READER
def test_rows_that_nobody_reads_are_not_sent(columns):
    """Of 100 MB; what the sockets hold is some."""
    queryset = pairs_of_specimens(100, text="x" * 10_000)
    before = bytes_sent()
    rows = Report(queryset, ["text", *columns], chunk_size=1).rows()
    next(rows)
    rows.close()
    assert bytes_sent() - before < 50_000_000


@pytest.mark.skipif(connection.vendor != "mysql", reason="MariaDB's own.")
@transactional
def test_a_pause_of_the_client_ends_no_report_with_prefetches(monkeypatch):
    if not connection.mysql_is_mariadb:
        pytest.skip("MySQL has no such timeout.")
    patience = "SET SESSION idle_transaction_timeout = 1, idle_readonly_transaction_timeout = 1"
    options = {**connection.settings_dict["OPTIONS"], "init_command": patience}
    drawers = tagged_drawers().prefetch_related("tags")
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    rows = Report(drawers, ["tags__name", "__str__"], chunk_size=1).rows()
    next(rows)
    time.sleep(2.5)
    assert len(list(rows)) == 2


@in_sqlite
@pytest.mark.parametrize("columns", [["weight"], ["weight", "__str__"]], ids=str)
def test_a_report_of_a_file_that_is_left_holds_nothing_open(file_database, columns):
    drawers = tagged_drawers(file_database)
    rows = Report(drawers, columns, chunk_size=1).rows()
    next(rows)
    rows.close()
    gc.collect()
    Drawer.objects.using(file_database).create(code="d")
    with connections[file_database].cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert cursor.fetchone()[0] == 0


@in_sqlite
def test_a_report_that_has_been_read_holds_no_state_of_a_file(file_database):
    drawers = tagged_drawers(file_database)
    rows_of(drawers, "tags__name", chunk_size=1)
    with connections[file_database].cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert cursor.fetchone()[0] == 0


@in_postgresql
def test_transaction_that_is_open_serves_as_it_is():
    SpecimenFactory()
    column = Column(lambda specimen: state_of_transaction(), label="state", separator=" ")
    assert values_of(specimens, column) == ["read committed off"]
    assert connection.in_atomic_block


@transactional
@EITHER_READER
def test_connection_is_as_it_was_after_the_rows(columns):
    SpecimenFactory.create_batch(3)
    rows = Report(specimens, columns, chunk_size=1).rows()
    next(rows)
    rows.close()
    assert not connection.in_atomic_block
    SpecimenFactory()
    assert len(rows_of(specimens, *columns)) == 4


def test_report_is_read_while_another_one_is_being_read():
    NoteFactory.create_batch(3)
    notes = Report(Note.objects.order_by("pk"), ["id", "content_object"], chunk_size=1).rows()
    assert len({next(notes) + next(Report(specimens, ["id"]).rows()) for _ in range(3)}) == 3
