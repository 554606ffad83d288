"""What all tests share."""

import gc

import pytest
from django.contrib.sessions.models import Session
from django.core.signals import request_finished
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone, translation
from hypothesis import HealthCheck, settings

from streamreports.signals import report_finished
from tests.models import Maker

# A slow machine is no failure: timings never decide a test.
settings.register_profile(
    "streamreports", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("streamreports")

LAST_FILE = pytest.StashKey()


def pytest_collection_finish():
    """Have garbage collections look at what the tests make alone: that is a hundred times less."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Before each file, leave what exists out of later collections: caches and modules grow."""
    if item.path != item.config.stash.get(LAST_FILE, None):
        item.config.stash[LAST_FILE] = item.path
        gc.collect()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown():
    """Finalize the reports that a test left unfinished before its database is torn down.

    Otherwise they end, log and send signals in the middle of another test.

    Deactivate the language, too: LocaleMiddleware activates that of a request, and leaves it so.
    """
    gc.collect()
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """Create the test database, whichever tests run.

    pytest-django creates it only if a collected test has the ``django_db`` marker. The tests that
    use ``own_connection`` have none, and would write to the developer's database.
    """
    with django_db_blocker.unblock():
        config = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        teardown_databases(config, verbosity=0)


def is_test_database(connection):
    name = str(connection.settings_dict["NAME"])
    return name.startswith("test_") or "mode=memory" in name


@pytest.fixture
def own_connection(django_db_setup, django_db_blocker):
    """Be outside any transaction, for tests that write makers and sessions; give the connection.

    ``transactional_db`` empties every table, which takes long. What a test leaves open when it
    fails does not hold up those that come after it.
    """
    with django_db_blocker.unblock():
        before = connections["default"]
        if not is_test_database(before):
            pytest.exit(f"{before.settings_dict['NAME']!r} is not a test database.")
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
                )
        for model in (Maker, Session):
            model.objects.all().delete()


@pytest.fixture
def pooled(own_connection, monkeypatch):
    """Return an alias of the test database with a pool of four connections."""
    pytest.importorskip("psycopg_pool")
    if connection.vendor != "postgresql":
        pytest.skip("Only PostgreSQL has pools.")
    options = {"pool": {"min_size": 1, "max_size": 4, "timeout": 10}}
    database = {**connections.settings["default"], "OPTIONS": options, "CONN_MAX_AGE": 0}
    monkeypatch.setitem(connections.settings, "pooled", database)
    yield "pooled"
    connections["pooled"].close()
    connections["pooled"].close_pool()
    del connections["pooled"]


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
