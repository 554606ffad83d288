"""Connections come back to psycopg's pool however a report ends."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import pytest

from tests.servers.client import WHOLE, Exchange, get
from tests.servers.databases import until
from tests.servers.many import MUTE, abandon, at_once, fail
from tests.servers.processes import ASGI, HOST, serving

SIZE = 4  # connections
STREAMS = 200
POOL = {"pool": {"min_size": 1, "max_size": SIZE, "timeout": 30}}


@pytest.fixture(scope="module", params=ASGI)
def pooled(request, postgresql):
    """Run one asynchronous server after the other with a pool."""
    with serving(request.param, environment=postgresql.settled(OPTIONS=POOL)) as server:
        yield server


def test_failed_streams_leave_the_pool_whole(pooled, postgresql):
    before = len(pooled.reports())

    at_once(SIZE, STREAMS, fail, pooled)

    assert until(lambda: len(pooled.reports()) >= before + STREAMS, 60)
    outcomes = {outcome for outcome, *_ in pooled.reports()[before:]}
    assert outcomes == {"failed"} or pooled.name in MUTE
    assert_whole(pooled, postgresql)


def test_abandoned_streams_leave_the_pool_whole(pooled, postgresql):
    before = len(pooled.reports())

    at_once(SIZE, STREAMS, abandon, pooled)

    assert until(lambda: len(pooled.reports()) >= before + STREAMS, 60)
    assert_whole(pooled, postgresql)


def test_a_clean_up_that_is_cancelled_itself_leaves_the_pool_whole(postgresql):
    """gunicorn cancels a request once more when its clean-up outlasts the grace period."""
    arguments = ["--asgi-disconnect-grace-period", "1"]
    environment = postgresql.settled(OPTIONS=POOL)
    with serving("gunicorn-asgi", environment=environment, arguments=arguments) as server:
        exchanges = [
            Exchange(server.port, "/python.csv?milliseconds=3000&width=2000") for _ in range(SIZE)
        ]
        for exchange in exchanges:
            exchange.read(1000)
        for exchange in exchanges:  # Each next row takes three seconds.
            exchange.leave(reset=True)

        assert until(lambda: len(server.reports()) >= SIZE)
        assert {outcome for outcome, *_ in server.reports()} == {"aborted"}
        assert_whole(server, postgresql)


@pytest.mark.parametrize("count", [SIZE, 10])
@pytest.mark.parametrize("name", ["uvicorn-h11", "gunicorn-gthread"])
def test_more_reports_at_once_than_the_pool_has_connections(postgresql, name, count):
    """Each request also runs queries before and after its view."""
    pool = {"pool": {"min_size": 1, "max_size": SIZE, "timeout": 20}}
    environment = {
        **postgresql.settled(OPTIONS=pool),
        "MIDDLEWARE": "tests.servers.site.middleware.query_around",
    }
    arguments = ["--threads", "12"] if name == "gunicorn-gthread" else []
    with serving(name, environment=environment, arguments=arguments) as server:
        with ThreadPoolExecutor(count) as clients:
            answers = list(clients.map(get, [server.port] * count, ["/whole.csv"] * count))
        assert [(answer.status, answer.ending) for answer in answers] == [(200, WHOLE)] * count
        assert len({len(answer.body) for answer in answers}) == 1
        assert answers[0].body.endswith(b"\r\n")
        assert until(lambda: len(server.reports()) == count), server.log()
        assert {outcome for outcome, *_ in server.reports()} == {"completed"}
        assert_whole(server, postgresql)


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
