"""Leases, which a thread renews while the database and the storage are at work."""

import threading
import time

import pytest
from django.contrib.auth.models import User
from django.db import connection

from streamreports.exports.exceptions import ExportCancelled, LeaseLost
from streamreports.exports.leases import claim
from streamreports.exports.models import Export
from streamreports.exports.running import run_export
from streamreports.signals import report_started
from tests.asgi import HANGS
from tests.exports.support import MakersView, create, reloaded
from tests.streaming.test_body import FOREVER
from tests.views import make

pytestmark = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite in memory is for one thread."
)


@pytest.fixture(autouse=True)
def _no_transaction(own_connection, site):
    """Run outside any transaction, so that threads see the exports."""
    yield
    Export.objects.all().delete()
    User.objects.all().delete()


def claimed(seconds):
    export = create()
    return claim(export.pk, "worker", seconds=seconds, attempts=3)


class Body:
    """What a lease watches."""

    rows, bytes = 7, 70

    def __init__(self):
        self.cancelled = threading.Event()
        self.cancel = self.cancelled.set


def wait_for(condition):
    deadline = time.monotonic() + HANGS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_a_lease_is_kept_longer_than_it_lasts():
    lease = claimed(seconds=2)
    before = reloaded(lease.export).lease_expires
    with lease.kept():
        wait_for(lambda: reloaded(lease.export).lease_expires > before)
        assert reloaded(lease.export).lease_expires > before


def test_a_lease_that_is_not_kept_is_taken_over():
    lease = claimed(seconds=0)
    other = claim(lease.export.pk, "other", seconds=60, attempts=3)
    body = Body()
    lease.watch(body)
    with lease.kept():
        assert body.cancelled.wait(HANGS)
    with pytest.raises(LeaseLost):
        lease.require()
    assert reloaded(lease.export).lease_owner == other.worker


def test_the_progress_is_recorded():
    lease = claimed(seconds=60)
    lease.watch(Body())
    with lease.kept():
        wait_for(lambda: reloaded(lease.export).rows)
    assert (reloaded(lease.export).rows, reloaded(lease.export).bytes) == (7, 70)


def test_cancelling_stops_the_work():
    lease, body = claimed(seconds=60), Body()
    lease.watch(body)
    with lease.kept():
        lease.export.cancel()
        assert body.cancelled.wait(HANGS)
    with pytest.raises(ExportCancelled):
        lease.require()


def test_cancelling_ends_a_query_that_runs(monkeypatch, caplog):
    """The database would need ten minutes. What the owner wants is no error in the log."""
    begins = threading.Event()

    def get_queryset(view):
        return super(MakersView, view).get_queryset().extra(where=[FOREVER[connection.vendor]])

    def receive(**kwargs):
        begins.set()

    monkeypatch.setattr(MakersView, "get_queryset", get_queryset)
    report_started.connect(receive)
    make(1)
    export = create()

    def cancel():
        assert begins.wait(HANGS)
        export.cancel()
        connection.close()

    client = threading.Thread(target=cancel)
    client.start()
    assert run_export(export.pk)
    client.join()
    report_started.disconnect(receive)
    assert reloaded(export).state == "cancelled"
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_database_that_fails_once_loses_no_lease(monkeypatch, caplog):
    lease = claimed(seconds=60)
    renew, failures, renewed = lease.export.renew, [OSError("gone")], threading.Event()

    def fail_once(*args, **kwargs):
        if failures:
            raise failures.pop()
        renewed.set()
        return renew(*args, **kwargs)

    monkeypatch.setattr(lease.export, "renew", fail_once)
    with lease.kept():
        assert renewed.wait(HANGS)
    lease.require()
    assert "was not renewed" in caplog.text
