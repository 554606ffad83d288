"""What all tests share."""

import gc

import pytest
from django.core.signals import request_finished
from django.db import connections
from hypothesis import settings

from streamreports.signals import report_finished

# A slow machine is no failure: timings never decide a test.
settings.register_profile("streamreports", deadline=None)
settings.load_profile("streamreports")


@pytest.fixture
def own_connection(transactional_db):
    """Be outside any transaction; give the connection.

    What a test leaves behind when it fails does not hold up those that come after it.
    """
    before = connections["default"]
    yield before
    gc.collect()
    other = connections["default"]
    if other is not before:
        connections["default"] = before
        other.inc_thread_sharing()
        other.close()
    if before.vendor != "sqlite":
        before.close()
        before.connect()
    if before.vendor == "postgresql":
        with before.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
                " AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def finished():
    """Return the arguments of each ``report_finished`` that was sent, in order."""
    sent = []

    def receive(**kwargs):
        sent.append(kwargs)

    report_finished.connect(receive)
    yield sent
    report_finished.disconnect(receive)


@pytest.fixture
def requests_finished():
    """Return the sender of each ``request_finished`` that was sent, in order."""
    senders = []

    def receive(sender, **kwargs):
        senders.append(sender)

    request_finished.connect(receive)
    yield senders
    request_finished.disconnect(receive)
