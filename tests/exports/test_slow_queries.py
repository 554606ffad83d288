"""A report whose first query takes longer than the lease of its worker."""

from contextlib import contextmanager
from datetime import timedelta

from django.db import connection

from tests.exports.sites import wait_for

LEASE = timedelta(seconds=2)  # that of the site


@contextmanager
def held_query(site):
    """Hold the query of the report within this context."""
    if connection.vendor == "sqlite":
        yield
        site.let_go("held")
        return
    lock, unlock = {
        "postgresql": ("pg_advisory_lock(11)", "pg_advisory_unlock(11)"),
        "mysql": ("GET_LOCK(CONCAT('held ', DATABASE()), 0)", "RELEASE_ALL_LOCKS()"),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}")
        yield
        cursor.execute(f"SELECT {unlock}")


def test_an_export_is_not_taken_from_its_worker(worker_site):
    export = worker_site.export("/held/", 0)

    def is_kept():
        found = worker_site.exports.get(pk=export.pk)
        return found.lease_expires and found.lease_expires > found.started + 3 * LEASE

    with held_query(worker_site):
        worker_site.start_worker()
        worker_site.wait_for(export, "running")
        worker_site.start_worker()
        wait_for(is_kept)
        worker_site.make("/groups/", 1)
    export = worker_site.wait_for(export, "done")
    assert export.attempts == 1
    assert worker_site.content(export) == worker_site.expected(waiting=False)
