"""Connections come back to psycopg's pool however a report ends; persistent ones stay usable."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import pytest

from tests.servers.client import Exchange
from tests.servers.databases import until
from tests.servers.processes import ASGI, HOST, WSGI, serving

SIZE = 4  # connections
STREAMS = 200
POOL = {"OPTIONS": {"pool": {"min_size": 1, "max_size": SIZE, "timeout": 30}}}
SILENT = ["daphne"]  # They never tell a client that its report has failed.
KINDS = ["gunicorn-gthread", "uvicorn-httptools"]


@pytest.fixture(scope="module", params=ASGI)
def pooled(request, postgresql):
    """Run one asynchronous server after the other with a pool."""
    with serving(request.param, environment=settled(postgresql, POOL)) as server:
        yield server


def test_failed_streams_leave_the_pool_whole(pooled, postgresql):
    before = len(pooled.reports())

    at_once(pooled, fail)

    assert until(lambda: len(pooled.reports()) >= before + STREAMS, 60)
    outcomes = {outcome for outcome, *_ in pooled.reports()[before:]}
    assert outcomes == {"failed"} or pooled.name in SILENT
    assert_whole(pooled, postgresql)


def test_abandoned_streams_leave_the_pool_whole(pooled, postgresql):
    before = len(pooled.reports())

    at_once(pooled, abandon)

    assert until(lambda: len(pooled.reports()) >= before + STREAMS, 60)
    assert_whole(pooled, postgresql)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("age", [0, 600])
def test_persistent_connections_are_left_outside_transactions(name, age, postgresql):
    environment = settled(postgresql, {"CONN_MAX_AGE": age})
    with serving(name, environment=environment) as server:
        at_once(server, fail, 40)
        at_once(server, abandon, 40)

        assert until(lambda: len(server.reports()) >= 80, 60)
        assert until(lambda: not postgresql.busy()), postgresql.busy()
        if age == 0:
            assert until(lambda: not postgresql.sessions()), postgresql.sessions()
        elif name in WSGI:
            assert len(postgresql.sessions()) <= 4  # One for each thread.
        server.ping()


def settled(database, settings):
    """Return the environment of a site with these settings of its database."""
    return {**database.environment, "DATABASE_SETTINGS": json.dumps(settings)}


def at_once(server, request, count=STREAMS):
    """Make many requests, as many at a time as there are connections."""
    with ThreadPoolExecutor(SIZE) as clients:
        list(clients.map(lambda _: request(server), range(count)))


def fail(server):
    """Be a client whose report fails, and who does not wait long where the server is silent."""
    patience = 1 if server.name in SILENT else 30
    with Exchange(server.port, "/python.csv?raises_in=300&rows=400", patience=patience) as exchange:
        exchange.finish()


def abandon(server):
    """Be a client that leaves when it has seen how long the report is."""
    with Exchange(server.port, "/whole.csv?rows=5000&width=2000", buffer=4096) as exchange:
        exchange.read(1000)
        exchange.leave(reset=True)


def assert_whole(server, database):
    """See that every connection of the pool can be lent, and that one answers."""
    assert until(lambda: not database.busy()), database.busy()
    assert until(lambda: all_at_home(server)), server.log()[-3000:]
    assert int(server.ping()) == server.pid
    assert "PoolTimeout" not in server.log()


def all_at_home(server):
    """Tell whether no connection of the pool is lent, and none is waited for."""
    with urlopen(f"http://{HOST}:{server.port}/pool") as response:
        pool = json.load(response)
    return pool["pool_available"] == pool["pool_size"] and not pool.get("requests_waiting")
