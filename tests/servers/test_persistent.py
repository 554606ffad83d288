"""Persistent connections stay usable however a report ends, and others are closed."""

import pytest

from tests.servers.databases import until
from tests.servers.many import abandon, at_once, fail
from tests.servers.processes import WSGI, serving

THREADS = 4  # of gunicorn's


@pytest.mark.parametrize("name", ["gunicorn-gthread", "uvicorn-httptools"])
@pytest.mark.parametrize("age", [0, 600])
def test_connections_are_left_outside_transactions(name, age, postgresql):
    with serving(name, environment=postgresql.settled(CONN_MAX_AGE=age)) as server:
        at_once(THREADS, 40, fail, server)
        at_once(THREADS, 40, abandon, server)

        assert until(lambda: len(server.reports()) >= 80, 60)
        assert until(lambda: not postgresql.busy()), postgresql.busy()
        if age == 0:
            assert until(lambda: not postgresql.sessions()), postgresql.sessions()
        elif name in WSGI:
            assert len(postgresql.sessions()) <= THREADS
        server.ping()
