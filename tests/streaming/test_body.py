"""Statements of clients that have disconnected, and the end of a body."""

import asyncio
import threading
import time

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection
from django.urls import path

from streamreports.backends.registry import get_backend
from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.streaming.body import ReportBody
from streamreports.streaming.events import ReportEvents
from tests.asgi import HANGS, Exchange
from tests.connections import other_sessions
from tests.models import Maker
from tests.views import MakerCsvView, make, rows_in

FOREVER = {
    "postgresql": "pg_sleep(600)::text IS NOT NULL",
    "mysql": "SLEEP(600) = 0",
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT max(i) FROM n) > 0",
}


class SlowCsvView(MakerCsvView):
    """Send makers that the database needs at least ten minutes to find."""

    def get_queryset(self):
        return super().get_queryset().extra(where=[FOREVER[connection.vendor]])


class SlowInstancesCsvView(SlowCsvView):
    columns = [Column(lambda maker: maker.name, label="Name")]


@pytest.fixture(autouse=True)
def _no_transaction(own_connection, settings):
    """Run outside any transaction, and without the middleware of the demo."""
    settings.MIDDLEWARE = []


def disconnect_while_the_query_runs(settings, view_class, **initkwargs):
    """Have a client disconnect during the query, and fail if that takes two minutes."""
    settings.ROOT_URLCONF = (path("report/", view_class.as_view(**initkwargs)),)
    make(1)
    exchange, begins = Exchange("/report/"), threading.Event()

    def look(execute, sql, params, many, context):
        if FOREVER[connection.vendor] in sql:
            begins.set()
        return execute(sql, params, many, context)

    def leave():
        assert begins.wait(HANGS)
        time.sleep(0.5)
        exchange.leave()

    async def limited():
        async with asyncio.timeout(HANGS):
            await exchange.run()

    client = threading.Thread(target=leave)
    client.start()
    with connection.execute_wrapper(look):
        async_to_sync(limited)()
    client.join()
    return exchange


both_readers = pytest.mark.parametrize("view_class", [SlowCsvView, SlowInstancesCsvView])


@both_readers
def test_a_client_that_disconnects_in_the_first_query_cancels_it(settings, finished, view_class):
    disconnect_while_the_query_runs(settings, view_class)
    assert [sent["outcome"] for sent in finished] == ["aborted"]


@both_readers
def test_a_client_that_disconnects_in_a_later_query_cancels_it(settings, finished, view_class):
    exchange = disconnect_while_the_query_runs(settings, view_class, early_header=True)
    assert exchange.body.startswith(b"Name")
    assert [sent["outcome"] for sent in finished] == ["aborted"]


@both_readers
def test_a_cancelled_query_leaves_the_connection_usable(settings, view_class):
    disconnect_while_the_query_runs(settings, view_class)
    assert Maker.objects.count() == 1
    assert other_sessions("query LIKE '%pg_sleep%' AND state <> 'idle'") == []


def test_a_cancellation_that_fails_is_logged_and_retried(settings, finished, monkeypatch, caplog):
    failures = [OperationalError("too many connections")]
    session_class = get_backend(connection).session_class
    cancel = session_class.cancel

    def fail_once(source):
        if failures:
            raise failures.pop()
        cancel(source)

    monkeypatch.setattr(session_class, "cancel", fail_once)
    disconnect_while_the_query_runs(settings, SlowCsvView)
    assert [sent["outcome"] for sent in finished] == ["aborted"]
    assert (
        caplog.messages.count(
            "SlowCsvView: the query of a disconnected client could not be cancelled. Retrying."
        )
        == 1
    )


def started_body(rf, **options):
    stream = Report(Maker.objects.order_by("pk"), ["name", "size"]).stream(CsvFormat())
    body = ReportBody(stream, ReportEvents(MakerCsvView, rf.get("/"), stream.report), **options)
    body.start()
    return body


def test_no_block_is_made_for_a_client_that_has_just_disconnected(rf, finished, monkeypatch):
    make(1000)
    body = started_body(rf)
    next_block = body._next_block

    def cancel_first():
        body.cancel()
        return next_block()

    monkeypatch.setattr(body, "_next_block", cancel_first)
    (block,) = body
    (sent,) = finished
    assert (sent["outcome"], sent["rows"]) == ("aborted", rows_in(block))


def test_the_end_is_reported_even_if_the_connection_cannot_be_released(rf, finished, monkeypatch):
    make(1)
    ended = []
    body = started_body(rf, on_end=lambda: ended.append(True))
    release = body._connection.release

    def release_and_fail():
        release()
        raise OSError("no")

    monkeypatch.setattr(body._connection, "release", release_and_fail)
    with pytest.raises(OSError, match="no"):
        list(body)
    assert ended == [True]
    assert [sent["outcome"] for sent in finished] == ["completed"]
