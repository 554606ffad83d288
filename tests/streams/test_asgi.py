"""Streams that are not reports, on an asynchronous server."""

import asyncio
import gc
import threading

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connection

from streamreports.views import StreamingView
from tests.asgi import HANGS, Exchange
from tests.connections import other_sessions
from tests.models import Maker
from tests.responses.asgi.helpers import (
    at_message,
    is_block,
    leave,
    raise_os_error,
    run,
    run_as_a_server_does,
)
from tests.responses.helpers import outcomes
from tests.streams.support import AsyncMakersView, MakersView, body, save, serve

both = pytest.mark.parametrize("view_class", [MakersView, AsyncMakersView])


@pytest.fixture(autouse=True)
def _no_transaction(own_connection):
    """Run outside any transaction."""
    yield
    gc.collect()


# A stream that is sent


@both
def test_pieces_arrive_one_by_one(settings, view_class):
    serve(settings, view_class)
    save("Ann", "Bob")
    exchange = run(Exchange("/report/"))
    assert (exchange.status, exchange.body) == (200, body("Ann", "Bob"))
    assert len([message for message in exchange.sent if is_block(message)]) == 4


@both
def test_a_piece_leaves_before_the_next_is_made(settings, view_class):
    save("Ann", "Bob", "Cat")
    left = []

    async def on_send(exchange, message):
        left.append((message.get("body", b""), await Maker.objects.acount()))
        await Maker.objects.filter(name="Cat").adelete()

    serve(settings, view_class)
    run(Exchange("/report/", on_send=on_send))
    assert left[1] == (b"<ul>", 2)


@both
def test_a_completed_stream_is_signalled_once(settings, finished, view_class):
    serve(settings, view_class)
    save("Ann")
    exchange = run(Exchange("/report/"))
    (sent,) = finished
    assert (sent["outcome"], sent["bytes"]) == ("completed", len(exchange.body))


@both
def test_head_sends_headers_and_no_body(settings, finished, view_class):
    serve(settings, view_class)
    exchange = run(Exchange("/report/", method="HEAD"))
    assert (exchange.status, exchange.body, finished) == (200, b"", [])
    assert exchange.headers["X-Accel-Buffering"] == "no"


def test_gzip_middleware_leaves_it_alone(settings):
    serve(settings, MakersView, "django.middleware.gzip.GZipMiddleware")
    exchange = run(Exchange("/report/", headers=[(b"accept-encoding", b"gzip")]))
    assert exchange.body == body()


# Where pieces are made


class ThreadsView(StreamingView):
    """Note the thread that each piece is made in, and that of its queries."""

    threads = query_threads = None

    def generate(self):
        for _ in range(3):
            self.threads.append(threading.get_ident())
            self.query_threads.append(threading.get_ident())
            yield "x"


class AsyncThreadsView(ThreadsView):
    async def generate(self):
        for _ in range(3):
            self.threads.append(threading.get_ident())
            self.query_threads.append(await sync_to_async(threading.get_ident)())
            yield "x"


def threads_of(settings, view_class):
    threads, query_threads = [], []
    serve(settings, view_class, threads=threads, query_threads=query_threads)
    loop_thread = []

    async def on_send(exchange, message):
        loop_thread.append(threading.get_ident())

    run(Exchange("/report/", on_send=on_send))
    return set(threads), set(query_threads), set(loop_thread)


def test_an_asynchronous_generator_runs_in_the_event_loop(settings):
    threads, query_threads, loop_threads = threads_of(settings, AsyncThreadsView)
    assert threads == loop_threads
    assert query_threads == {threading.get_ident()}


def test_a_generator_runs_in_the_thread_of_the_request(settings):
    threads, query_threads, loop_threads = threads_of(settings, ThreadsView)
    assert threads == query_threads == {threading.get_ident()} != loop_threads


class ClientView(StreamingView):
    """Wait between two pieces for another coroutine of the server."""

    events = None

    async def generate(self):
        yield "a"
        event = asyncio.Event()
        self.events.append(event)
        await event.wait()
        yield "b"


def test_the_event_loop_is_not_blocked(settings):
    events = []
    serve(settings, ClientView, events=events)
    exchange = Exchange("/report/")

    async def main():
        task = asyncio.create_task(exchange.run())
        async with asyncio.timeout(HANGS):
            while not events:
                await asyncio.sleep(0.001)
            events[0].set()
            await task

    async_to_sync(main)()
    assert exchange.body == b"ab"


def test_many_streams_wait_side_by_side(settings):
    events = []
    serve(settings, ClientView, events=events)
    exchanges = [Exchange("/report/") for _ in range(30)]

    async def main():
        tasks = [asyncio.create_task(exchange.run()) for exchange in exchanges]
        async with asyncio.timeout(HANGS):
            while len(events) < 30:
                await asyncio.sleep(0.001)
            for event in events:
                event.set()
            await asyncio.gather(*tasks)

    asyncio.run(main())
    assert {exchange.body for exchange in exchanges} == {b"ab"}


# A stream that fails


@both
def test_a_stream_that_fails_is_signalled_once(settings, finished, requests_finished, view_class):
    serve(settings, view_class, fails_at="Bob")
    save("Ann", "Bob")
    exchange = Exchange("/report/")
    with pytest.raises(LookupError, match="no Bob"):
        run(exchange)
    assert exchange.body == b"<ul><li>Ann</li>"
    assert outcomes(finished) == ["failed"]
    assert requests_finished == [ASGIHandler]


@both
def test_a_first_piece_that_fails_is_an_ordinary_server_error(settings, finished, view_class):
    serve(settings, view_class, fails_at="Ann", buffer_size=2)
    save("Ann")
    assert run(Exchange("/report/")).status == 500
    assert outcomes(finished) == ["failed"]


# A client that leaves, and a server whose send() raises


@both
@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("runner", [run, run_as_a_server_does])
def test_a_client_that_leaves_while_it_is_sent_something_ends_the_stream(
    settings, finished, requests_finished, view_class, number, runner
):
    serve(settings, NotingView if view_class is MakersView else AsyncNotingView)
    NotingView.ended = ended = []
    runner(Exchange("/report/", on_send=at_message(number, leave)))
    assert (outcomes(finished), ended) == (["aborted"], [True])
    assert requests_finished == [ASGIHandler]


@both
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_send_that_raises_ends_the_stream(settings, finished, view_class, number):
    serve(settings, NotingView if view_class is MakersView else AsyncNotingView)
    NotingView.ended = ended = []
    with pytest.raises(OSError, match="connection lost"):
        run(Exchange("/report/", on_send=at_message(number, raise_os_error)))
    gc.collect()
    assert (outcomes(finished), ended) == (["aborted"], [True])


class NotingView(StreamingView):
    """Note the end of the generator."""

    ended = None

    def generate(self):
        try:
            for _ in range(9):
                yield "x"
        finally:
            self.ended.append(True)


class AsyncNotingView(NotingView):
    async def generate(self):
        try:
            for _ in range(9):
                await asyncio.sleep(0)
                yield "x"
        finally:
            await asyncio.sleep(0)
            self.ended.append(True)


class WaitingView(StreamingView):
    """Have the client leave while the generator waits, which would take for ever."""

    exchange = None
    ended = None

    async def generate(self):
        try:
            yield "a"
            self.exchange.leave()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        finally:
            await asyncio.sleep(0)
            self.ended.append(await sync_to_async(lambda: "ended")())


@pytest.mark.parametrize("runner", [run, run_as_a_server_does])
def test_a_client_that_leaves_cancels_an_asynchronous_generator_at_once(
    settings, finished, requests_finished, runner
):
    exchange = Exchange("/report/")
    serve(settings, WaitingView, exchange=exchange)
    WaitingView.ended = ended = []
    runner(exchange)
    gc.collect()
    assert (exchange.body, ended) == (b"a", ["cancelled", "ended"])
    assert (outcomes(finished), requests_finished) == (["aborted"], [ASGIHandler])


class WaitingFirstView(WaitingView):
    async def generate(self):
        try:
            self.exchange.leave()
            await asyncio.Event().wait()
            yield "a"
        finally:
            self.ended.append(True)


@pytest.mark.parametrize("runner", [run, run_as_a_server_does])
def test_a_client_that_leaves_before_the_first_piece_cancels_it_too(settings, finished, runner):
    exchange = Exchange("/report/")
    serve(settings, WaitingFirstView, exchange=exchange)
    WaitingView.ended = ended = []
    runner(exchange)
    gc.collect()
    assert (ended, outcomes(finished)) == ([True], ["aborted"])


class LeavingView(StreamingView):
    """Have the client leave while the thread of the request makes a piece."""

    exchange = None

    def generate(self):
        yield "a"
        self.exchange.leave_and_wait()
        yield "b"
        yield "c"


@pytest.mark.parametrize("runner", [run, run_as_a_server_does])
def test_a_client_that_leaves_while_a_piece_is_made_ends_the_stream(settings, finished, runner):
    exchange = Exchange("/report/")
    serve(settings, LeavingView, exchange=exchange)
    runner(exchange)
    gc.collect()
    assert outcomes(finished) == ["aborted"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Others do not list their sessions.")
@both
def test_after_a_request_no_session_is_left(settings, view_class):
    serve(settings, view_class)
    save("Ann", "Bob")
    run_as_a_server_does(Exchange("/report/", on_send=at_message(2, leave)))
    assert other_sessions() == []


@both
def test_a_response_that_the_event_loop_closes_ends(settings, async_rf, finished, view_class):
    """Middleware may close it there; the generator ends in another thread, or soon."""
    NotingView.ended = ended = []
    view = (NotingView if view_class is MakersView else AsyncNotingView).as_view()

    @async_to_sync
    async def close():
        response = await sync_to_async(view)(async_rf.get("/"))
        response.close()
        async with asyncio.timeout(HANGS):
            while not ended:
                await asyncio.sleep(0.001)

    close()
    assert (outcomes(finished), ended) == (["aborted"], [True])
