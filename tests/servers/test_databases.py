"""The other databases: on one server of each kind, reports arrive, fail, and are left."""

import pytest

from tests.servers.client import CUT, WHOLE, Exchange, get
from tests.servers.conftest import nothing_left, warm_up
from tests.servers.databases import ROWS, until
from tests.servers.processes import ASGI, serving


@pytest.fixture(scope="module", params=["mariadb", "sqlite"])
def database(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module", params=["gunicorn-gthread", "uvicorn-httptools"])
def started(request, database):
    with serving(request.param, environment=database.environment) as server:
        warm_up(server)
        yield server


@pytest.fixture
def server(started, database):
    with nothing_left(started, database):
        yield started


def test_a_report_arrives_whole(server):
    answer = get(server.port, "/whole.csv")

    assert answer.ending == WHOLE
    assert answer.body.count(b"\r\n") == ROWS + 1
    assert answer.is_whole_file


def test_a_report_that_fails_in_the_middle_is_cut(server):
    answer = get(server.port, "/python.csv?raises_in=5000")

    assert answer.ending == CUT
    assert not answer.is_whole_file
    assert server.reports()[-1][0] == "failed"


def test_a_client_that_leaves_between_blocks_ends_the_report(server):
    before = len(server.reports())

    with Exchange(server.port, "/whole.csv?width=1000") as exchange:
        exchange.read(2000)
        exchange.leave(reset=True)

    assert until(lambda: len(server.reports()) > before, 30)
    assert server.reports()[-1][0] == "aborted"


def test_a_client_that_leaves_during_a_query_has_it_cancelled(server, database):
    # A cancellation comes long before the end of the query, also on a machine that is busy.
    seconds, soon = (60, 20) if server.name in ASGI else (4, 2)
    with Exchange(server.port, f"/slow.csv?row=20000&seconds={seconds}") as exchange:
        exchange.read(10**6)
        assert until(database.is_sleeping)
        exchange.leave(reset=True)

    gone = until(lambda: not database.is_sleeping(), soon)
    assert gone == (server.name in ASGI)
