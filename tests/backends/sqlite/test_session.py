import sqlite3
import time

import pytest
from django.db import OperationalError, connection, connections

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


def test_a_locked_file_is_an_error_of_django(tmp_path, django_db_blocker):
    file = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": tmp_path / "file.sqlite3",
        "OPTIONS": {"timeout": 0},
    }
    connections.settings["file"] = connections.configure_settings({"default": {}, "file": file})[
        "file"
    ]
    other = sqlite3.connect(tmp_path / "file.sqlite3", isolation_level=None)
    other.execute("CREATE TABLE makers (name)")
    other.execute("BEGIN EXCLUSIVE")
    try:
        with (
            django_db_blocker.unblock(),
            pytest.raises(OperationalError, match="locked"),
            get_backend(connections["file"]).open_session(has_related_queries=True),
        ):
            pass
    finally:
        other.close()
        connections["file"].close()
        del connections["file"], connections.settings["file"]
