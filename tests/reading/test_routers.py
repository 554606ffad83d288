"""A report is read from one database, whichever the project's routers name each time."""

import threading
from contextlib import ExitStack
from itertools import cycle

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connections
from django.db.models import Prefetch
from django.db.models.expressions import RawSQL
from django.test import override_settings

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from tests.models import Drawer, Maker, Note, Specimen, Tag

REPLICAS = ["replica1", "replica2"]


class PrimaryReplicaRouter:
    """The router of Django's documentation, whose random choice here is a given one."""

    def __init__(self, answers=REPLICAS):
        self.answers = cycle(answers)

    def db_for_read(self, model, **hints):
        return next(self.answers)

    def db_for_write(self, model, **hints):
        return "default"

    def allow_relation(self, obj1, obj2, **hints):
        return True

    def allow_migrate(self, db, app_label, model_name=None, **hints):
        return True


class MakersElsewhereRouter:
    """Keep the makers in a database of their own."""

    def db_for_read(self, model, **hints):
        return "replica2" if model is Maker else "replica1"

    def allow_migrate(self, db, app_label, model_name=None, **hints):
        return (db == "replica2") == (model_name == "maker")


@pytest.fixture
def replicas(tmp_path, django_db_blocker):
    """Create two databases with the same rows, except that every text is the replica's alias."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        for alias in REPLICAS:
            file = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / alias}
            configured = connections.configure_settings({"default": {}, alias: file})
            stack.callback(connections.settings.pop, alias)
            connections.settings[alias] = configured[alias]
            stack.callback(connections.__delitem__, alias)
            stack.callback(connections[alias].close)
            fill(connections[alias])
        with override_settings(DATABASE_ROUTERS=[PrimaryReplicaRouter()]):
            yield


def fill(connection):
    alias = connection.alias
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = WAL")
    with connection.schema_editor() as editor:
        for model in (ContentType, Note, Tag, Drawer, Maker, Specimen):
            editor.create_model(model)
    tag = Tag.objects.using(alias).create(name=alias)
    for code in "abc":
        Drawer.objects.using(alias).create(code=code, mood=alias).tags.add(tag)
    maker = Maker.objects.using(alias).create(pk=1, name=alias)
    Specimen.objects.using(alias).create(char=alias, maker=maker)


def in_one_replica(report):
    """Return the replica that all cells of a report come from, the only text in them."""
    cells = {cell.lower() for row in report.rows() for cell in row}
    assert len(cells) == 1
    return cells.pop()


def tags_of(drawer):
    return [tag.name for tag in drawer.tags.all()]


def maker_of(specimen):
    return specimen.maker.name


TAGS, MAKER = Column(tags_of, label="tags"), Column(maker_of, label="maker")
REPORTS = {
    "values": (Drawer.objects.all(), ["mood"]),
    "relation": (Specimen.objects.all(), ["char", "maker__name"]),
    "relation of instances": (Specimen.objects.all(), ["char", "maker__shout"]),
    "joined in the database": (Drawer.objects.all(), ["mood", "tags__name"]),
    "joined in Python": (Drawer.objects.all(), ["mood", Column("tags__name", format=str)]),
    "prefetched": (Drawer.objects.prefetch_related("tags"), ["mood", TAGS]),
    "prefetched along a path": (Specimen.objects.prefetch_related("maker"), ["char", MAKER]),
    "Prefetch": (
        Drawer.objects.prefetch_related(Prefetch("tags", Tag.objects.order_by("pk"))),
        ["mood", TAGS],
    ),
}


@pytest.mark.parametrize("answers", ["12", "21", "112", "122", "1222222222222"])
@pytest.mark.parametrize(("queryset", "columns"), REPORTS.values(), ids=REPORTS)
def test_rows_and_related_objects_come_from_one_replica(replicas, queryset, columns, answers):
    router = PrimaryReplicaRouter([f"replica{number}" for number in answers])
    with override_settings(DATABASE_ROUTERS=[router]):
        report = Report(queryset.all(), columns, chunk_size=2)
        assert in_one_replica(report) == report.queryset.db


def test_each_report_asks_the_router(replicas):
    found = {in_one_replica(Report(Drawer.objects.all(), ["mood"])) for _ in range(2)}
    assert found == set(REPLICAS)


def test_an_explicit_alias_is_kept(replicas):
    for alias in REPLICAS:
        drawers = Drawer.objects.using(alias)
        assert in_one_replica(Report(drawers, ["mood", "tags__name"])) == alias


def test_the_limit_is_counted_in_the_same_replica(replicas):
    report = Report(Drawer.objects.all(), ["mood"])
    (other,) = {*REPLICAS} - {report.queryset.db}
    Drawer.objects.using(other).create(code="d")
    assert [report.exceeds(rows) for rows in (2, 2, 3, 3)] == [True, True, False, False]


def test_cancelling_reaches_the_replica_that_is_read(replicas):
    slow = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000000)"
    drawers = Drawer.objects.annotate(slow=RawSQL(f"{slow} SELECT max(i) FROM n)", ()))
    stream = Report(drawers, ["mood", "slow"]).stream(CsvFormat())
    ended = threading.Event()

    def cancel():
        while not ended.wait(0.05):
            stream.cancel()

    cancelling = threading.Thread(target=cancel)
    cancelling.start()
    try:
        with pytest.raises(OperationalError, match="interrupted"):
            list(stream)
    finally:
        ended.set()
        cancelling.join()


def test_a_model_of_another_database_is_prefetched_from_there(replicas):
    with override_settings(DATABASE_ROUTERS=[MakersElsewhereRouter()]):
        column = Column(lambda specimen: specimen.maker.name, label="maker")
        report = Report(Specimen.objects.prefetch_related("maker"), ["char", column])
        assert list(report.rows()) == [("replica1", "replica2")]


def test_routers_are_asked_again_after_a_report(replicas):
    in_one_replica(Report(Drawer.objects.prefetch_related("tags"), ["mood"]))
    assert {Tag.objects.all().db for _ in range(2)} == set(REPLICAS)
