"""A database server that closes the connections of a worker in the middle of an export."""

import pytest
from django.db import connection

from streamreports.exports.models import Export
from tests.exports.sites import wait_for

pytestmark = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server.")

ALL = ""
LEASE = Export._meta.db_table  # in the last query of the thread that renews the lease


def close_connections(last_query):
    """Close the connections whose last query has a text; return how many."""
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.execute(
                "SELECT id FROM information_schema.processlist"
                " WHERE db = DATABASE() AND id <> CONNECTION_ID()"
            )
            ids = [row[0] for row in cursor.fetchall()]
            for number in ids:
                cursor.execute(f"KILL {number}")
        else:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                " datname = current_database() AND pid <> pg_backend_pid() AND query LIKE %s",
                [f"%{last_query}%"],
            )
            ids = cursor.fetchall()
    return len(ids)


def interrupted(site, last_query):
    """Return an export whose worker has lost connections, and what is in the storage then."""
    export = site.export("/waiting/", 0)
    site.start_worker()
    site.reached(0)
    wait_for(lambda: close_connections(last_query))
    site.let_go(0)
    export = site.ended(export)
    if export.state == "failed":
        assert (export.file, site.files(hidden=True)) == ("", [])
        assert "OperationalError" in export.traceback
    else:
        assert site.content(export) == site.expected(waiting=True)
    return export


def test_an_export_whose_connections_are_closed_fails_or_is_made_whole(worker_site):
    interrupted(worker_site, ALL)
    other = worker_site.make("/groups/", 1)
    assert worker_site.content(other) == worker_site.expected(waiting=False)


@pytest.mark.skipif(connection.vendor == "mysql", reason="It tells no last queries.")
def test_the_connection_of_the_lease_is_opened_again(worker_site):
    export = interrupted(worker_site, LEASE)
    assert (export.state, export.attempts) == ("done", 1)
