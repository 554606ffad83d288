import sqlite3
import time

import pytest
from django.db import OperationalError, connection, connections, transaction

from streamreports.backends.registry import get_backend
from streamreports.backends.sqlite import session as sqlite_session
from streamreports.backends.sqlite.session import (
    SLOW_TURN_SECONDS,
    TURN_SECONDS,
    SqliteReadSession,
)

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="For SQLite.")


@pytest.fixture
def turns(monkeypatch):
    """Return the seconds of each turn that was requested."""
    asked = []

    class FairScheduler:
        def call(self, function, seconds):
            asked.append(seconds)
            return function()

    monkeypatch.setattr(sqlite_session, "scheduler", FairScheduler())
    return asked


def test_the_turn_of_a_first_fetch_is_short(turns):
    fetch = SqliteReadSession(connections["default"]).fetch
    assert [fetch(lambda: [1]), fetch(lambda: [2])] == [[1], [2]]
    assert turns == [SLOW_TURN_SECONDS, TURN_SECONDS]


def test_the_turn_of_a_fetch_after_a_slow_one_is_short(turns, monkeypatch):
    monkeypatch.setattr(sqlite_session, "TURN_SECONDS", 0.01)
    fetch = SqliteReadSession(connections["default"]).fetch
    fetch(list)
    fetch(lambda: [time.sleep(0.02)])
    fetch(list)
    assert turns == [SLOW_TURN_SECONDS, 0.01, SLOW_TURN_SECONDS]


@pytest.fixture
def file(tmp_path, django_db_blocker):
    """Give the connection to a file that has no write-ahead log, and another one of the driver."""
    settings = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": tmp_path / "file.sqlite3",
        "OPTIONS": {"timeout": 0},
    }
    configured = connections.configure_settings({"default": {}, "file": settings})
    connections.settings["file"] = configured["file"]
    other = sqlite3.connect(tmp_path / "file.sqlite3", isolation_level=None, timeout=0)
    other.execute("CREATE TABLE makers (name)")
    with django_db_blocker.unblock():
        yield connections["file"], other
        other.close()
        connections["file"].close()
    del connections["file"], connections.settings["file"]


def insert(connection):
    connection.cursor().execute("INSERT INTO makers VALUES ('new')")


def test_a_locked_file_is_an_error_of_django(file):
    connection, other = file
    other.execute("BEGIN EXCLUSIVE")
    with (
        pytest.raises(OperationalError, match="locked"),
        get_backend(connection).open_session(has_related_queries=True),
    ):
        pass


def test_a_file_without_a_log_is_locked_while_there_are_related_queries(file):
    """A row that has been fetched and its related objects belong to one state."""
    connection, other = file
    with get_backend(connection).open_session(has_related_queries=True):
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            insert(other)
    insert(other)


def test_the_request_can_write_to_a_file_without_a_log_meanwhile(file):
    """As middleware does that saves a session when the view has returned."""
    connection, _ = file
    with get_backend(connection).open_session(has_related_queries=True) as session:
        assert session.connection is connection
        insert(connection)
        with transaction.atomic(using="file"):
            insert(connection)
        with connection.cursor() as cursor:
            assert cursor.execute("SELECT count(*) FROM makers").fetchone() == (2,)


def test_a_file_with_a_log_has_a_connection_of_its_own_and_can_be_written(file):
    connection, other = file
    other.execute("PRAGMA journal_mode = WAL")
    with get_backend(connection).open_session(has_related_queries=True) as session:
        insert(other)
        insert(connection)
        with session.connection.cursor() as cursor:
            assert cursor.execute("SELECT count(*) FROM makers").fetchone() == (0,)
    assert session.connection.connection is None
    assert other.execute("SELECT count(*) FROM makers").fetchone() == (2,)


def test_a_transaction_that_is_open_is_read_in(file):
    connection, other = file
    other.execute("PRAGMA journal_mode = WAL")
    with transaction.atomic(using="file"):
        insert(connection)
        with get_backend(connection).open_session(has_related_queries=True) as session:
            assert session.connection is connection
            with session.connection.cursor() as cursor:
                assert cursor.execute("SELECT count(*) FROM makers").fetchone() == (1,)
    insert(other)
