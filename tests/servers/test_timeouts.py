"""Databases that lose their patience with a report whose client stalls."""

import time
from dataclasses import dataclass
from typing import Any

import pytest

from tests.servers.client import CUT, Answer, Exchange, get
from tests.servers.databases import until
from tests.servers.processes import RunningServer, serving

PATIENCE = 2  # seconds, of the database
STALL = 6  # seconds, of the client
SMALL = 4096  # bytes that the kernel takes for a client that stalls
LONG = "rows=20000&width=1000"  # more bytes than all sockets on the way hold


@dataclass
class Case:
    """A report, the setting that ends it, and how sessions of the site come to have it."""

    setting: str
    database: str
    path: str
    options: dict[str, str]


CASES = [
    Case(
        "PostgreSQL's statement_timeout",
        "postgresql",
        "whole.csv",
        {"options": f"-c statement_timeout={PATIENCE}s"},
    ),
    Case(
        "PostgreSQL's idle_in_transaction_session_timeout",
        "postgresql",
        "python.csv",
        {"options": f"-c idle_in_transaction_session_timeout={PATIENCE}s"},
    ),
    Case(
        "net_write_timeout of MariaDB or MySQL",
        "mysql",
        "whole.csv",
        {"init_command": f"SET SESSION net_write_timeout = {PATIENCE}"},
    ),
]


@dataclass
class Stalled:
    """What has come of a report whose client stalled."""

    case: Case
    server: RunningServer
    database: Any
    answer: Answer


def impatient(case, database):
    """Return the environment of a site whose sessions have the setting."""
    return database.settled(OPTIONS=case.options, CONN_MAX_AGE=600)


@pytest.fixture(scope="module", params=["gunicorn-gthread", "uvicorn-h11"])
def name(request):
    return request.param


@pytest.fixture(scope="module", params=CASES, ids=[f"{c.database}-{c.path}" for c in CASES])
def stalled(request, name, postgresql, mariadb):
    case = request.param
    database = {"postgresql": postgresql, "mysql": mariadb}[case.database]
    with serving(name, environment=impatient(case, database)) as server:
        with Exchange(server.port, f"/{case.path}?{LONG}", buffer=SMALL) as exchange:
            exchange.read(1000)
            time.sleep(STALL)
            answer = exchange.finish()
        yield Stalled(case, server, database, answer)


def test_the_report_is_cut_visibly(stalled):
    assert (stalled.answer.status, stalled.answer.ending) == (200, CUT)
    assert stalled.answer.body.count(b"\r\n") > 10
    assert not stalled.answer.is_whole_file


def test_the_log_names_the_setting(stalled):
    assert stalled.server.log().count(" failed: ") == 1
    assert f"{stalled.case.setting} ended it: raise it for reports" in stalled.server.log()


def test_the_database_is_left_in_peace(stalled):
    assert until(lambda: not stalled.database.busy())


@pytest.mark.parametrize("path", ["whole.csv", "python.csv"])
def test_the_next_report_is_whole(stalled, path):
    for _ in range(3):
        assert get(stalled.server.port, f"/{path}?rows=500").is_whole_file


def test_other_requests_are_answered(stalled):
    assert int(stalled.server.ping()) == stalled.server.pid


def test_a_timeout_before_the_first_byte_has_its_status_and_its_cause(name, postgresql):
    with serving(name, environment=impatient(CASES[0], postgresql)) as server:
        assert get(server.port, "/slow.csv").status == 500
        assert f"{CASES[0].setting} ended it: raise it for reports" in server.log()
        assert get(server.port, "/whole.csv?rows=500").is_whole_file
