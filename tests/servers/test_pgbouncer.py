"""Reports through PgBouncer in transaction mode, which lends a session for a transaction alone."""

import json
import time

import psycopg
import pytest

from tests.servers.client import WHOLE, Exchange, get
from tests.servers.databases import until
from tests.servers.processes import serving
from tests.servers.proxies import pgbouncer

READERS = ["whole.csv", "text.csv", "python.csv"]  # COPY; rows of text; instances
SMALL = 4096  # bytes that the kernel takes for a client that stalls

readers = pytest.mark.parametrize("reader", READERS)


@pytest.fixture(scope="module")
def pooler():
    """Yield the port of a PgBouncer that has a single session for all reports."""
    with pgbouncer(pool_size=1) as port:
        yield port


@pytest.fixture(scope="module", params=[False, True], ids=["cursors", "no-cursors"])
def server(request, postgresql, pooler):
    environment = {
        **postgresql.environment,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(pooler),
        "DATABASE_SETTINGS": json.dumps({"DISABLE_SERVER_SIDE_CURSORS": request.param}),
    }
    with serving("uvicorn-h11", environment=environment) as running:
        yield running


@pytest.fixture(scope="module")
def direct(postgresql):
    """Return a function that has a body made without PgBouncer."""
    with serving("gunicorn-gthread", environment=postgresql.environment) as running:
        yield lambda path: get(running.port, path).body


def idle(database):
    """Tell whether the sessions of the reports come to rest."""
    return until(lambda: not database.busy(), 20)


@readers
def test_a_report_is_whole(server, direct, reader):
    path = f"/{reader}?rows=20000"
    answer = get(server.port, path)
    assert (answer.status, answer.ending) == (200, WHOLE)
    assert answer.body == direct(path)
    assert answer.is_whole_file


@readers
def test_a_report_is_of_one_snapshot(server, direct, postgresql, reader):
    path = f"/{reader}?rows=10000&width=1200"
    before = direct(path)
    change_to = f"Changed at {time.monotonic()}"
    with (
        Exchange(server.port, path, buffer=SMALL) as exchange,
        psycopg.connect(dbname=postgresql.name, autocommit=True) as connection,
    ):
        exchange.read(1000)
        change = (
            "UPDATE benchmarks_cargo_addresses SET commodity = %s WHERE id = 10000"
            " RETURNING commodity"
        )
        connection.execute(change, [change_to])
        answer = exchange.finish()
    assert answer.ending == WHOLE
    assert change_to.encode() not in answer.body
    assert answer.body.count(b"\r\n") == before.count(b"\r\n")


@readers
def test_reports_give_the_only_session_back(server, postgresql, reader):
    for _ in range(3):
        assert get(server.port, f"/{reader}?rows=3000").is_whole_file
    assert idle(postgresql)


@readers
def test_abandoned_reports_give_the_only_session_back(server, postgresql, reader):
    for _ in range(3):
        exchange = Exchange(server.port, f"/{reader}?rows=10000&width=1200", buffer=SMALL)
        exchange.read(1000)
        exchange.leave()
    assert idle(postgresql)
    assert get(server.port, f"/{reader}?rows=3000").is_whole_file


def test_failed_reports_give_the_only_session_back(server, postgresql):
    for _ in range(3):
        assert not get(server.port, "/python.csv?rows=20000&raises_in=15000").is_whole_file
    assert idle(postgresql)
    assert get(server.port, "/python.csv?rows=3000").is_whole_file


def test_reports_that_fail_at_once_give_the_only_session_back(server, postgresql):
    for _ in range(3):
        assert get(server.port, "/python.csv?rows=3000&raises_in=1").status == 500
    assert idle(postgresql)
    assert get(server.port, "/python.csv?rows=3000").is_whole_file


def test_what_a_report_sets_ends_with_its_transaction(server, pooler, postgresql):
    assert get(server.port, "/whole.csv?rows=3000").is_whole_file
    with psycopg.connect(host="127.0.0.1", port=pooler, dbname=postgresql.name) as connection:
        assert connection.execute("SHOW jit").fetchone() == ("on",)
        assert connection.execute("SHOW transaction_read_only").fetchone() == ("off",)


@readers
def test_a_report_prepares_no_statement(server, pooler, postgresql, reader):
    for _ in range(8):  # psycopg prepares what it is asked for the sixth time.
        get(server.port, f"/{reader}?rows=10")
    with psycopg.connect(host="127.0.0.1", port=pooler, dbname=postgresql.name) as connection:
        assert connection.execute("SELECT name FROM pg_prepared_statements").fetchall() == []
