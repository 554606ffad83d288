import sqlite3
import time

import pytest
from django.db import OperationalError, connections

from streamreports.backends.base import session as databases
from streamreports.backends.base.session import (
    PATIENCE,
    PATIENCE_WITH_SLOW,
    open_session,
    scheduled,
)


@pytest.fixture
def patience(monkeypatch):
    """Return the patience of each turn that was asked for."""
    asked = []

    class FairScheduler:
        def call(self, function, seconds):
            asked.append(seconds)
            return function()

    monkeypatch.setattr(databases, "scheduler", FairScheduler())
    return asked


def test_a_first_fetch_is_not_waited_for_long(patience):
    fetch = scheduled()
    assert [fetch(lambda: [1]), fetch(lambda: [2])] == [[1], [2]]
    assert patience == [PATIENCE_WITH_SLOW, PATIENCE]


def test_a_fetch_after_a_slow_one_is_not_waited_for_long(patience, monkeypatch):
    monkeypatch.setattr(databases, "PATIENCE", 0.01)
    fetch = scheduled()
    fetch(list)
    fetch(lambda: [time.sleep(0.02)])
    fetch(list)
    assert patience == [PATIENCE_WITH_SLOW, 0.01, PATIENCE_WITH_SLOW]


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
            open_session("file", queries=True),
        ):
            pass
    finally:
        other.close()
        connections["file"].close()
        del connections["file"], connections.settings["file"]
