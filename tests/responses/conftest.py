"""Fixtures of the tests of responses."""

import logging

import pytest
from django.db import connections

from tests import middleware
from tests.connections import hang_up


@pytest.fixture
def statements():
    middleware.statements.clear()
    return middleware.statements


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.INFO, logger="streamreports")
    return caplog


@pytest.fixture
def archive(own_connection, monkeypatch):
    """Have the test database under a second name, and another connection to it."""
    monkeypatch.setitem(connections.settings, "archive", connections.settings["default"])
    yield "archive"
    hang_up("archive")
    del connections["archive"]
