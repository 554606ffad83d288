"""How a stream that is not a report ends: as a report does."""

import gc
import logging
import re

import pytest
from django.db import connection, connections, transaction
from django.utils.safestring import SafeString

from streamreports.shortcuts import stream
from streamreports.signals import report_started
from streamreports.views import StreamingView
from tests.connections import in_thread, open_transactions
from tests.models import Maker
from tests.streams.support import AsyncMakersView, MakersView, body, save, serve

both = pytest.mark.parametrize("view_class", [MakersView, AsyncMakersView])


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.INFO, logger="streamreports")
    return caplog


def messages(caplog):
    return [
        (record.levelname, re.sub(r"\d+\.\d\d s", "? s", record.getMessage()))
        for record in caplog.records
        if record.name == "streamreports"
    ]


def get(rf, view_class, **initkwargs):
    return view_class.as_view(**initkwargs)(rf.get("/"))


@both
def test_a_stream_that_is_sent_has_completed(own_connection, rf, finished, log, view_class):
    save("Ann")
    file = b"".join(get(rf, view_class))
    (sent,) = finished
    assert (sent["outcome"], sent["exception"], sent["sender"]) == ("completed", None, view_class)
    assert (sent["report"], sent["rows"], sent["bytes"]) == (None, 0, len(file))
    assert messages(log) == [("INFO", f"{view_class.__name__} completed: 21 bytes in ? s")]


@both
def test_it_has_started_once(own_connection, rf, view_class):
    started = []

    def receive(**kwargs):
        started.append(kwargs)

    request = rf.get("/")
    report_started.connect(receive)
    try:
        b"".join(view_class.as_view()(request))
    finally:
        report_started.disconnect(receive)
    assert started == [
        {"signal": report_started, "sender": view_class, "request": request, "report": None}
    ]


@both
def test_a_stream_that_fails_is_cut(own_connection, rf, finished, log, view_class):
    """What closes the markup never comes."""
    save("Ann", "Bob", "Cat")
    blocks = iter(get(rf, view_class, fails_at="Bob"))
    assert [next(blocks), next(blocks)] == [b"<ul>", b"<li>Ann</li>"]
    with pytest.raises(LookupError, match="no Bob"):
        next(blocks)
    (sent,) = finished
    assert (sent["outcome"], type(sent["exception"]), sent["bytes"]) == ("failed", LookupError, 16)
    assert messages(log) == [("ERROR", f"{view_class.__name__} failed: 16 bytes in ? s")]


def close(response):
    response.close()


def close_request(response):
    response.body.events.request.close()


def drop(response):
    pass


ENDS = pytest.mark.parametrize("end", [close, close_request, drop])


@ENDS
@both
def test_a_stream_that_is_not_read_is_aborted(own_connection, rf, finished, log, view_class, end):
    save("Ann")
    responses = [get(rf, view_class)]
    next(iter(responses[0]))
    end(responses[0])
    responses.clear()
    gc.collect()
    (sent,) = finished
    assert (sent["outcome"], sent["exception"], sent["bytes"]) == ("aborted", None, 4)
    assert messages(log) == [("INFO", f"{view_class.__name__} aborted: 4 bytes in ? s")]


class NotingView(StreamingView):
    """Note when the generator ends, in which thread the connection is used, and with what."""

    notes = None

    def generate(self):
        try:
            yield "a"
            yield "b"
        finally:
            self.notes.append(Maker.objects.count())


class AsyncNotingView(NotingView):
    async def generate(self):
        try:
            yield "a"
            yield "b"
        finally:
            self.notes.append(await Maker.objects.acount())


noting = pytest.mark.parametrize("view_class", [NotingView, AsyncNotingView])


@ENDS
@noting
def test_the_end_of_its_generator_may_run_queries(own_connection, rf, view_class, end):
    save("Ann")
    notes = []
    responses = [get(rf, view_class, notes=notes)]
    next(iter(responses[0]))
    end(responses[0])
    responses.clear()
    gc.collect()
    assert notes == [1]


@noting
def test_a_stream_that_is_dropped_in_another_thread_ends(own_connection, rf, finished, view_class):
    save("Ann")
    notes = []
    responses = [get(rf, view_class, notes=notes)]
    in_thread(responses.clear)
    assert (notes, [sent["outcome"] for sent in finished]) == ([1], ["aborted"])


class AtomicView(StreamingView):
    """Hold a transaction open from the first piece to the last."""

    def generate(self):
        with transaction.atomic():
            Maker.objects.create(name="Eve")
            yield "a"
            yield "b"


def test_a_transaction_of_a_generator_is_committed_at_its_end(own_connection, rf):
    assert b"".join(get(rf, AtomicView)) == b"ab"
    assert (Maker.objects.count(), connection.in_atomic_block) == (1, False)


def test_a_transaction_of_a_generator_is_rolled_back_if_it_is_closed(own_connection, rf):
    get(rf, AtomicView).close()
    assert (Maker.objects.count(), connection.in_atomic_block) == (0, False)
    assert (connections["default"], open_transactions()) == (own_connection, [])


def test_a_transaction_of_a_generator_is_rolled_back_if_it_is_dropped_in_another_thread(
    own_connection, rf
):
    """Otherwise later requests of this thread would be part of the transaction."""
    responses = [get(rf, AtomicView)]

    def drop_and_count():
        responses.clear()
        return Maker.objects.count()

    assert in_thread(drop_and_count) == 0
    assert (connection.in_atomic_block, open_transactions()) == (False, [])
    save("Ann")
    assert Maker.objects.count() == 1


@both
@pytest.mark.parametrize("name", ["fail_afterwards", "replace"])
def test_a_response_that_middleware_throws_away_is_closed(
    own_connection, client, settings, finished, view_class, name
):
    serve(settings, view_class, name)
    save("Ann")
    client.raise_request_exception = False
    client.get("/report/")
    assert [sent["outcome"] for sent in finished] == ["aborted"]


@both
def test_middleware_shares_the_connection(own_connection, client, settings, view_class):
    serve(settings, view_class, "write_afterwards")
    save("Ann")
    file = b"".join(client.get("/report/"))
    assert file == body("Ann", "written by middleware")
    assert connections["default"] is own_connection


def test_a_stream_without_queries_opens_no_connection(own_connection, rf, monkeypatch):
    monkeypatch.setitem(connections.settings, "other", connections.settings["default"])
    assert b"".join(stream(rf.get("/"), iter("ab"))) == b"ab"
    assert connections["other"].connection is None
    del connections["other"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Others read all rows at once.")
def test_queries_are_read_in_chunks_across_blocks(own_connection, rf):
    save(*(f"{number:04d}" for number in range(350)))
    assert b"".join(get(rf, MakersView)).count(b"<li>") == 350


def test_a_generator_that_raises_keyboard_interrupt_is_aborted(own_connection, rf, finished):
    class InterruptedView(StreamingView):
        def generate(self):
            yield SafeString("<p>")
            raise KeyboardInterrupt

    blocks = iter(get(rf, InterruptedView))
    next(blocks)
    with pytest.raises(KeyboardInterrupt):
        next(blocks)
    assert [sent["outcome"] for sent in finished] == ["aborted"]
