import gc
import threading
import time

import pytest
from django.apps import apps
from django.db import connection, connections

from streamreports.columns import Column
from streamreports.reports import Report
from tests.factories import (
    NoteFactory,
    SpecimenFactory,
    pairs_of_specimens,
)
from tests.models import Drawer, Note, Specimen, Tag

pytestmark = pytest.mark.django_db

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
                if not model._meta.proxy:
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
