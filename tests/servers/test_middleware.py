"""A report inside the middleware that touches responses: still streamed, still whole."""

import os
import subprocess
import sys

import psycopg
import pytest

from tests.servers.client import WHOLE, Exchange, get, gunzipped
from tests.servers.databases import until
from tests.servers.processes import ROOT, serving

MIDDLEWARE = [
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "tests.servers.site.middleware.count_visits",
]
GZIP = {"Accept-Encoding": "gzip, deflate, br"}
REPORT = "/whole.csv?rows=20000"
PATIENT = "/python.csv?rows=60&milliseconds=50"  # three seconds of rows, or many more


@pytest.fixture(scope="module")
def environment(postgresql):
    """Return the environment of a site whose database has a table for sessions."""
    environment = {
        **postgresql.environment,
        "DJANGO_SETTINGS_MODULE": "tests.servers.site.sessions",
        "MIDDLEWARE": " ".join(MIDDLEWARE),
    }
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "sessions"],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    return environment


@pytest.fixture(scope="module", params=["gunicorn-gthread", "uvicorn-h11"])
def server(request, environment):
    with serving(request.param, environment=environment) as running:
        yield running


@pytest.fixture(scope="module")
def plain(postgresql):
    """Return the body of the report as no middleware has touched it."""
    with serving("gunicorn-gthread", environment=postgresql.environment) as running:
        return get(running.port, REPORT).body


def test_a_whole_report_is_whole(server, plain):
    answer = get(server.port, REPORT)
    assert (answer.status, answer.ending) == (200, WHOLE)
    assert answer.body == plain
    assert plain.endswith(b"\r\n")


def test_a_report_for_browsers_is_whole(server, plain):
    answer = get(server.port, REPORT, headers=GZIP)
    assert answer.ending == WHOLE
    encoding = answer.headers.get("content-encoding")
    assert (gunzipped(answer.body) if encoding == "gzip" else answer.body) == plain


def test_a_report_says_nothing_of_an_encoding_that_it_does_not_have(server):
    answer = get(server.port, REPORT, headers=GZIP)
    assert answer.headers.get("content-encoding", "gzip") == "gzip"


def test_the_first_rows_come_while_the_rest_is_not_made(server, postgresql):
    ended = server.log().count("Python completed")
    with Exchange(server.port, PATIENT) as exchange:
        assert exchange.read(1000) >= 1000
        assert server.log().count("Python completed") == ended
        exchange.leave()
    assert until(lambda: not postgresql.busy())


def test_the_headers_come_at_once_where_it_is_compressed(server, postgresql):
    ended = server.log().count("Python completed")
    with Exchange(server.port, PATIENT, headers=GZIP) as exchange:
        assert exchange.read(1) >= 1
        assert server.log().count("Python completed") == ended
        exchange.leave()
    # A compressor that holds the rows back does not notice that nobody wants them.
    assert until(lambda: not postgresql.busy(), 60)


@pytest.mark.parametrize("header", ["etag", "content-length", "last-modified"])
def test_nothing_is_said_that_only_a_finished_file_has(server, header):
    assert header not in get(server.port, REPORT).headers


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": "*"},
        {"If-None-Match": '"an-etag"'},
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"Range": "bytes=0-9"},
    ],
    ids=["any-etag", "an-etag", "modified-since", "range"],
)
def test_a_conditional_request_has_the_whole_report(server, plain, headers):
    answer = get(server.port, REPORT, headers=headers)
    assert (answer.status, answer.ending) == (200, WHOLE)
    assert answer.body == plain


def test_a_head_request_has_the_headers_and_runs_no_report(server):
    ended = server.log().count("Whole")
    head, whole = get(server.port, REPORT, method="HEAD"), get(server.port, REPORT)
    kept = [{**answer.headers, "set-cookie": "", "date": ""} for answer in (head, whole)]
    for headers in kept:
        headers.pop("transfer-encoding", None)
    assert kept[0] == kept[1]
    assert head.body == b""
    assert server.log().count("Whole") == ended + 1


def test_the_language_is_that_of_the_request(server):
    answer = get(server.port, REPORT, headers={"Accept-Language": "de"})
    assert answer.headers["content-language"] == "de"


def test_a_session_is_saved_while_the_report_holds_its_connection(server, postgresql):
    def cookie():
        answer = get(server.port, REPORT, headers=headers)
        assert answer.is_whole_file
        return answer.headers["set-cookie"].partition(";")[0]

    headers = {}
    headers["Cookie"] = cookie()
    assert cookie() == headers["Cookie"]
    key = headers["Cookie"].removeprefix("sessionid=")
    with psycopg.connect(dbname=postgresql.name) as connection:
        found = connection.execute("SELECT 1 FROM django_session WHERE session_key = %s", [key])
        assert found.rowcount == 1


def test_a_report_that_fails_is_cut(server):
    answer = get(server.port, "/python.csv?rows=20000&raises_in=15000")
    assert answer.ending != WHOLE
    assert not answer.is_whole_file


def test_a_report_that_fails_at_once_has_its_status(server):
    assert get(server.port, "/python.csv?raises_in=1").status == 500
