"""A report behind nginx: whole, visibly cut, early, and off the database for a slow reader."""

from itertools import product

import pytest

from tests.servers.client import CUT, WHOLE, Exchange, get, gunzipped
from tests.servers.databases import until
from tests.servers.processes import serving
from tests.servers.proxies import nginx

PATIENT_ROWS = "python.csv?rows=200&milliseconds=50"  # ten seconds of rows, or many more
LONG = "whole.csv?rows=25000&width=1000"  # about 27 MB: more than all sockets on the way hold
SMALL = 4096  # bytes that the kernel takes for a client that stalls

nginxes = pytest.mark.parametrize(
    ("buffering", "version"),
    list(product([True, False], ["1.1", "1.0"])),
    ids=["buffered-1.1", "buffered-1.0", "unbuffered-1.1", "unbuffered-1.0"],
)


@pytest.fixture(scope="module", params=["gunicorn-gthread", "uvicorn-h11"])
def server(request, postgresql):
    with serving(request.param, environment=postgresql.environment) as running:
        yield running


@pytest.fixture
def idle(postgresql):
    """Return whether the reports' sessions come to rest within some seconds."""
    return lambda seconds: until(lambda: not postgresql.busy(), seconds)


@nginxes
def test_a_whole_report_is_whole(server, buffering, version):
    with nginx(server.port, buffering=buffering, version=version) as port:
        answer = get(port, "/whole.csv?rows=20000")
    assert (answer.status, answer.ending) == (200, WHOLE)
    assert answer.body == get(server.port, "/whole.csv?rows=20000").body
    assert answer.is_whole_file


@pytest.mark.parametrize("buffering", [True, False])
def test_a_report_that_fails_is_cut(server, buffering):
    with nginx(server.port, buffering=buffering) as port:
        answer = get(port, "/python.csv?rows=20000&raises_in=15000")
    assert (answer.status, answer.ending) == (200, CUT)
    assert answer.body.count(b"\r\n") > 1000
    assert not answer.is_whole_file


@pytest.mark.parametrize("buffering", [True, False])
def test_upstream_1_0_hides_the_cut_but_not_the_missing_line_end(server, buffering):
    with nginx(server.port, buffering=buffering, version="1.0") as port:
        answer = get(port, "/python.csv?rows=20000&raises_in=15000")
    assert (answer.status, answer.ending) == (200, WHOLE)
    assert answer.body.count(b"\r\n") > 1000
    assert not answer.is_whole_file


@nginxes
def test_a_report_that_fails_at_once_has_its_status(server, buffering, version):
    with nginx(server.port, buffering=buffering, version=version) as port:
        assert get(port, "/python.csv?raises_in=1").status == 500


@nginxes
def test_the_first_rows_come_while_the_rest_is_not_made(server, idle, buffering, version):
    ended = server.log().count("Python completed")
    with (
        nginx(server.port, buffering=buffering, version=version) as port,
        Exchange(port, f"/{PATIENT_ROWS}") as exchange,
    ):
        assert exchange.read(1000) >= 1000
        assert server.log().count("Python completed") == ended
        exchange.leave()
    assert idle(20)


@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_a_client_that_stalls_behind_buffering_holds_nothing_up(server, idle, version):
    ended = server.log().count("Whole completed")
    with (
        nginx(server.port, version=version) as port,
        Exchange(port, f"/{LONG}", buffer=SMALL) as exchange,
    ):
        exchange.read(1000)
        assert until(lambda: server.log().count("Whole completed") > ended, 60)
        assert idle(5)
        answer = exchange.finish()
    assert answer.ending == WHOLE
    assert answer.is_whole_file
    assert answer.body.count(b"\r\n") == 25_001


def test_a_client_that_stalls_without_buffering_holds_the_database(server, idle):
    with (
        nginx(server.port, buffering=False) as port,
        Exchange(port, f"/{LONG}", buffer=SMALL) as exchange,
    ):
        exchange.read(1000)
        assert not idle(5)
        exchange.leave()
        assert idle(20)


@pytest.mark.parametrize("buffering", [True, False])
def test_a_client_that_leaves_nginx_ends_the_report(server, idle, buffering):
    with nginx(server.port, buffering=buffering) as port:
        exchange = Exchange(port, f"/{PATIENT_ROWS}")
        exchange.read(1000)
        exchange.leave()
        assert idle(20)
    assert server.log().rstrip().splitlines()[-1].startswith("Python aborted")


def test_compression_by_nginx_is_one_gzip_file(server):
    with nginx(server.port, gzip=True) as port:
        answer = get(port, "/whole.csv?rows=20000", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.ending == WHOLE
    assert gunzipped(answer.body) == get(server.port, "/whole.csv?rows=20000").body


@pytest.mark.parametrize("buffering", [True, False])
def test_a_head_request_has_the_headers_alone(server, buffering):
    with nginx(server.port, buffering=buffering) as port:
        closing = {"Connection": "close"}
        answer = get(port, "/whole.csv?rows=20000", method="HEAD", headers=closing)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.body == b""
