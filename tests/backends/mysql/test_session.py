import pytest
from django.db import connection, connections, transaction

from streamreports.backends.base.session import ReadSession
from streamreports.backends.registry import get_backend
from streamreports.reports import Report
from tests.models import Drawer, Maker, Tag

pytestmark = pytest.mark.skipif(connection.vendor != "mysql", reason="For MariaDB.")


def connection_ids():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE db = DATABASE()")
        return set(cursor.fetchall())


def number_while_reading(queryset, columns):
    """Return how many connections a report that is being read has of its own."""
    before = connection_ids()
    rows = Report(queryset, columns, chunk_size=1).rows()
    next(rows)
    opened = connection_ids() - before
    rows.close()
    return len(opened)


def test_a_report_has_one_connection_of_its_own(own_connection):
    Maker.objects.bulk_create([Maker(name="first"), Maker(name="second")])
    assert number_while_reading(Maker.objects.all(), ["name", "size"]) == 1
    assert number_while_reading(Maker.objects.all(), ["name", "shout"]) == 1


def test_a_report_with_related_queries_has_two_connections_of_its_own(own_connection):
    drawer = Drawer.objects.create(code="a")
    try:
        drawer.tags.add(Tag.objects.create(name="tag"))
        assert number_while_reading(Drawer.objects.all(), ["code", "tags__name"]) == 2
    finally:
        Tag.objects.all().delete()
        drawer.delete()


def test_a_report_in_a_transaction_has_no_connection_of_its_own(own_connection):
    with transaction.atomic():
        Maker.objects.create(name="first")
        assert number_while_reading(Maker.objects.all(), ["name", "size"]) == 0


def test_a_session_in_a_transaction_uses_its_connection(own_connection):
    with (
        transaction.atomic(),
        get_backend(connections["default"]).open_session(has_related_queries=True) as session,
    ):
        assert type(session) is ReadSession
        assert session.connection is connections["default"]
