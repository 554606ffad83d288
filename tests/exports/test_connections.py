"""How many connections to the database a worker needs."""

import pytest
from django.db import connection

from tests.exports.sites import wait_for


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL limits them.")
def test_a_worker_holds_two_connections_while_it_makes_an_export(worker_site):
    """Those of the report, and of the thread that renews the lease."""

    def count():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return cursor.fetchone()[0]

    before = count()
    export = worker_site.export("/waiting/", 0)
    worker_site.start_worker()
    worker_site.reached(0)
    started = worker_site.exports.get(pk=export.pk).lease_expires
    wait_for(lambda: worker_site.exports.get(pk=export.pk).lease_expires > started)
    assert count() - before == 2
    worker_site.let_go(0)
    worker_site.wait_for(export, "done")
