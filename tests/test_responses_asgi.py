import asyncio
import gc
import threading
from contextlib import suppress

import pytest
from asgiref.sync import async_to_sync
from django.core.handlers.asgi import ASGIHandler
from django.db import OperationalError, connection, connections
from django.urls import path
from django.utils import timezone, translation

from streamreports.columns import Column
from streamreports.signals import report_finished
from tests import middleware
from tests.asgi import HANGS, Exchange
from tests.connections import open_transactions, other_sessions
from tests.models import Maker
from tests.views import FailingCsvView, MakerCsvView, body, make, rows_in


@pytest.fixture(autouse=True)
def _no_transaction(own_connection, settings, monkeypatch):
    """Be outside any transaction, and away from the middleware of the demo; have several blocks."""
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    monkeypatch.setattr("streamreports.responses.ASYNC_BLOCK_SIZE", 64 * 1024)
    yield
    gc.collect()


def serve(settings, view_class, *names, **initkwargs):
    """Have a view answer at /report/, inside middleware of tests.middleware."""
    settings.ROOT_URLCONF = (path("report/", view_class.as_view(**initkwargs)),)
    settings.MIDDLEWARE = [f"tests.middleware.{name}" for name in names]


def run(exchange):
    """Have an exchange take place, with all work on the database in this thread.

    Where it never ends, that is an error.
    """

    async def limited():
        async with asyncio.timeout(HANGS):
            await exchange.run()

    async_to_sync(limited)()
    gc.collect()
    return exchange


def run_as_a_server_does(exchange):
    """Have an exchange take place, with all work on the database in a thread of its own."""

    async def limited():
        async with asyncio.timeout(HANGS):
            await exchange.run()
        exchange.on_send = None
        gc.collect()

    asyncio.run(limited())
    gc.collect()
    return exchange


def outcomes(finished):
    return [sent["outcome"] for sent in finished]


def is_block(message):
    return message["type"] == "http.response.body" and message.get("more_body")


def at_message(number, action):
    """Return what to do with each message: nothing, and with the given one something."""

    async def on_send(exchange, message):
        if len(exchange.sent) == number:
            await action(exchange, message)

    return on_send


async def raise_os_error(exchange, message):
    raise OSError("connection lost")


async def leave(exchange, message):
    await exchange.leave_while_sending()


# A report that is sent


def test_the_file_arrives(settings):
    serve(settings, MakerCsvView)
    make(1000)
    exchange = run(Exchange("/report/"))
    assert (exchange.status, exchange.body) == (200, body(1000))


def test_it_arrives_in_blocks(settings):
    serve(settings, MakerCsvView)
    make(1000)
    exchange = run(Exchange("/report/"))
    assert len([message for message in exchange.sent if is_block(message)]) > 2


def test_these_are_all_the_headers(settings):
    serve(settings, MakerCsvView)
    assert run(Exchange("/report/")).headers == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="makers.csv"',
        "Cache-Control": "private, no-store",
    }


def test_a_completed_report_is_signalled_once(settings, finished):
    serve(settings, MakerCsvView)
    make(1000)
    exchange = run(Exchange("/report/"))
    (sent,) = finished
    assert (sent["outcome"], sent["rows"], sent["exception"]) == ("completed", 1000, None)
    assert (sent["bytes"], sent["sender"]) == (len(exchange.body), MakerCsvView)


def test_a_completed_request_is_finished_once(settings, requests_finished):
    serve(settings, MakerCsvView)
    run(Exchange("/report/"))
    assert requests_finished == [ASGIHandler]


def test_after_a_completed_report_the_connection_is_usable(settings):
    serve(settings, MakerCsvView)
    make(1000)
    run(Exchange("/report/"))
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (1001, [])


def test_the_first_block_leaves_before_the_others_are_made(settings):
    made = []
    serve(settings, MakerCsvView, columns=[Column(lambda maker: made.append(1), label="x")])
    make(1000)
    made_at = []

    async def on_send(exchange, message):
        made_at.append(len(made))

    run(Exchange("/report/", on_send=on_send))
    assert made_at[1] < made_at[-1] == 1000


def test_head_sends_headers_and_no_body(settings, finished):
    serve(settings, MakerCsvView)
    make(3)
    exchange = run(Exchange("/report/", method="HEAD"))
    assert (exchange.status, exchange.body, finished) == (200, b"", [])
    assert exchange.headers["Content-Disposition"] == 'attachment; filename="makers.csv"'


def test_the_context_of_the_request_is_active(settings):
    columns = [
        Column(lambda maker: translation.get_language(), label="language"),
        Column(lambda maker: timezone.get_current_timezone_name(), label="zone"),
        Column(lambda maker: middleware.tenant.get(), label="tenant"),
    ]
    serve(settings, MakerCsvView, "activate_context", columns=columns)
    make(250)
    exchange = run(Exchange("/report/"))
    assert exchange.body == b"language,zone,tenant\r\n" + b"de,Asia/Tokyo,acme\r\n" * 250


def test_all_work_is_done_in_one_thread(settings):
    threads = set()
    column = Column(lambda maker: threads.add(threading.get_ident()), label="thread")
    serve(settings, MakerCsvView, columns=[column])
    make(250)
    run(Exchange("/report/"))
    assert len(threads) == 1


def test_two_downloads_side_by_side_get_their_files(settings, finished):
    serve(settings, MakerCsvView)
    make(1000)
    exchanges = [Exchange("/report/"), Exchange("/report/")]

    async def both():
        async with asyncio.timeout(HANGS):
            await asyncio.gather(*(exchange.run() for exchange in exchanges))

    async_to_sync(both)()
    assert [exchange.body for exchange in exchanges] == [body(1000)] * 2
    assert (outcomes(finished), open_transactions()) == (["completed"] * 2, [])


# A report that fails


def test_a_query_that_fails_at_once_is_an_ordinary_server_error(settings, finished):
    serve(settings, MakerCsvView, queryset=Maker.objects.extra(where=["no_such_column = 1"]))
    exchange = run(Exchange("/report/"))
    assert (exchange.status, outcomes(finished)) == (500, ["failed"])


def fail(settings):
    serve(settings, FailingCsvView, fails_at=150)
    make(250)
    exchange = Exchange("/report/")
    with pytest.raises(LookupError, match="no name for 0150"):
        run(exchange)
    return exchange


def test_a_report_that_fails_is_signalled_once_with_its_exception(settings, finished):
    exchange = fail(settings)
    (sent,) = finished
    assert (sent["outcome"], type(sent["exception"])) == ("failed", LookupError)
    assert (sent["rows"], sent["bytes"]) == (rows_in(exchange.body), len(exchange.body))


def test_a_report_that_fails_finishes_its_request_once(settings, requests_finished):
    fail(settings)
    assert requests_finished == [ASGIHandler]


def test_a_report_that_fails_leaves_the_connection_usable(settings):
    fail(settings)
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (251, [])


def test_a_report_that_fails_never_ends_its_body(settings):
    """An empty last message would tell the server that the file is whole."""
    exchange = fail(settings)
    assert all(is_block(message) for message in exchange.sent[1:])
    assert not exchange.body.endswith((b"\r", b"\n"))


# A server whose send() raises: at its first message, the headers; at a block; at the last message


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_send_that_raises_ends_the_report(settings, finished, number):
    serve(settings, MakerCsvView)
    make(1000)
    with pytest.raises(OSError, match="connection lost"):
        run(Exchange("/report/", on_send=at_message(number, raise_os_error)))
    gc.collect()
    assert outcomes(finished) == ["aborted"]


@pytest.mark.parametrize("number", [1, 2])
def test_a_send_that_raises_finishes_the_request_once(settings, requests_finished, number):
    serve(settings, MakerCsvView)
    make(1000)
    with pytest.raises(OSError, match="connection lost"):
        run(Exchange("/report/", on_send=at_message(number, raise_os_error)))
    assert requests_finished == [ASGIHandler]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_send_that_raises_leaves_the_connection_usable(settings, number):
    serve(settings, MakerCsvView)
    make(1000)
    with pytest.raises(OSError, match="connection lost"):
        run(Exchange("/report/", on_send=at_message(number, raise_os_error)))
    gc.collect()
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (1001, [])


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite in memory is for one thread.")
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_send_that_raises_leaves_nothing_open_in_the_thread_of_the_request(
    settings, finished, number
):
    serve(settings, MakerCsvView)
    make(1000)
    with pytest.raises(OSError, match="connection lost"):
        run_as_a_server_does(Exchange("/report/", on_send=at_message(number, raise_os_error)))
    gc.collect()
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])


def test_a_last_send_that_raises_does_not_make_a_completed_report_another(settings, finished):
    serve(settings, MakerCsvView)

    async def on_send(exchange, message):
        if message == {"type": "http.response.body"}:
            raise OSError("connection lost")

    with pytest.raises(OSError, match="connection lost"):
        run(Exchange("/report/", on_send=on_send))
    assert outcomes(finished) == ["completed"]


# A client that leaves


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_client_that_leaves_while_it_is_sent_something_ends_the_report(
    settings, finished, number
):
    serve(settings, MakerCsvView)
    make(1000)
    run(Exchange("/report/", on_send=at_message(number, leave)))
    assert outcomes(finished) == ["aborted"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_client_that_leaves_finishes_the_request_once(settings, requests_finished, number):
    serve(settings, MakerCsvView)
    make(1000)
    run(Exchange("/report/", on_send=at_message(number, leave)))
    assert requests_finished == [ASGIHandler]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_client_that_leaves_leaves_the_connection_usable(settings, number):
    serve(settings, MakerCsvView)
    make(1000)
    run(Exchange("/report/", on_send=at_message(number, leave)))
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (1001, [])


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite in memory is for one thread.")
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_client_that_leaves_leaves_nothing_open_in_the_thread_of_the_request(
    settings, finished, number
):
    serve(settings, MakerCsvView)
    make(1000)
    run_as_a_server_does(Exchange("/report/", on_send=at_message(number, leave)))
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])


class LeavingCsvView(FailingCsvView):
    """Have the client leave while the name of one maker is being asked for."""

    exchange = None

    def name_of(self, maker):
        if maker.name.startswith(f"{self.fails_at:04d}"):
            self.exchange.leave_and_wait()
        return maker.name


def leave_at(settings, row, runner):
    """Have the client leave while the request's thread makes a row."""
    exchange = Exchange("/report/")
    serve(settings, LeavingCsvView, fails_at=row)
    LeavingCsvView.exchange = exchange
    make(1000)
    runner(exchange)
    gc.collect()
    return exchange


IN_THE_VIEW, IN_THE_BODY = 5, 150


@pytest.mark.parametrize("row", [IN_THE_VIEW, IN_THE_BODY])
def test_a_client_that_leaves_while_a_block_is_made_ends_the_report(settings, finished, row):
    leave_at(settings, row, run)
    assert outcomes(finished) == ["aborted"]


@pytest.mark.parametrize("row", [IN_THE_VIEW, IN_THE_BODY])
def test_a_client_that_leaves_while_a_block_is_made_finishes_the_request_once(
    settings, requests_finished, row
):
    leave_at(settings, row, run)
    assert requests_finished == [ASGIHandler]


@pytest.mark.parametrize("row", [IN_THE_VIEW, IN_THE_BODY])
def test_a_client_that_leaves_while_a_block_is_made_leaves_the_connection_usable(settings, row):
    leave_at(settings, row, run)
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (1001, [])


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite in memory is for one thread.")
@pytest.mark.parametrize("row", [IN_THE_VIEW, IN_THE_BODY])
def test_a_client_that_leaves_while_a_block_is_made_leaves_nothing_open(settings, finished, row):
    leave_at(settings, row, run_as_a_server_does)
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])


# A server that cancels the request, as when it shuts down


def cancel_at(number, runner):
    """Have the server cancel a request while a message is under way."""

    async def cancel(exchange, message):
        task.cancel()
        await asyncio.Event().wait()

    async def main():
        nonlocal task
        task = asyncio.create_task(Exchange("/report/", on_send=at_message(number, cancel)).run())
        async with asyncio.timeout(HANGS):
            await asyncio.wait([task])
        assert task.cancelled()

    task = None
    runner(main)
    task = None
    gc.collect()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_request_that_is_cancelled_ends_the_report(settings, finished, number):
    serve(settings, MakerCsvView)
    make(1000)
    cancel_at(number, lambda main: async_to_sync(main)())
    assert outcomes(finished) == ["aborted"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_request_that_is_cancelled_leaves_the_connection_usable(settings, number):
    serve(settings, MakerCsvView)
    make(1000)
    cancel_at(number, lambda main: async_to_sync(main)())
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (1001, [])


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite in memory is for one thread.")
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_request_that_is_cancelled_leaves_nothing_open_in_its_thread(settings, finished, number):
    serve(settings, MakerCsvView)
    make(1000)
    cancel_at(number, lambda main: asyncio.run(main()))
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])


# The asynchronous client of Django's tests


@async_to_sync
async def read_one_block(async_client):
    response = await async_client.get("/report/")
    return await anext(aiter(response))


def test_a_test_that_stops_reading_ends_the_report(settings, async_client, finished):
    serve(settings, MakerCsvView)
    make(1000)
    first = read_one_block(async_client)
    gc.collect()
    (sent,) = finished
    assert (sent["outcome"], sent["rows"], sent["bytes"]) == (
        "aborted",
        rows_in(first),
        len(first),
    )


def test_a_test_that_stops_reading_leaves_the_connection_usable(settings, async_client):
    serve(settings, MakerCsvView)
    make(1000)
    read_one_block(async_client)
    gc.collect()
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (1001, [])


# The response by itself, in the hands of asynchronous code


@async_to_sync
async def read_two_blocks(response, end):
    blocks = aiter(response)
    await anext(blocks)
    await anext(blocks)
    await end(response, blocks)


async def close_the_iterator(response, blocks):
    await blocks.aclose()


async def close_the_response(response, blocks):
    """Do as some middleware does, in the thread of the event loop."""
    response.close()


async def throw_into_the_iterator(response, blocks):
    with pytest.raises(asyncio.CancelledError):
        await blocks.athrow(asyncio.CancelledError())


async def drop_the_iterator(response, blocks):
    """Leave it to the event loop, or to the garbage collector."""


@pytest.mark.parametrize(
    "end",
    [close_the_iterator, close_the_response, throw_into_the_iterator, drop_the_iterator],
)
def test_a_response_that_is_not_read_to_its_end_ends_the_report(async_rf, finished, end):
    make(1000)
    read_two_blocks(MakerCsvView.as_view()(async_rf.get("/")), end)
    gc.collect()
    assert outcomes(finished) == ["aborted"]


@pytest.mark.parametrize(
    "end",
    [close_the_iterator, close_the_response, throw_into_the_iterator, drop_the_iterator],
)
def test_a_response_that_is_not_read_to_its_end_leaves_the_connection_usable(async_rf, end):
    make(1000)
    read_two_blocks(MakerCsvView.as_view()(async_rf.get("/")), end)
    gc.collect()
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (1001, [])


def test_a_response_that_is_dropped_by_the_event_loop_ends_the_report(async_rf, finished):
    """As one is whose client left while its view still ran."""
    make(1000)
    responses = [MakerCsvView.as_view()(async_rf.get("/"))]

    @async_to_sync
    async def drop():
        responses.clear()

    drop()
    assert outcomes(finished) == ["aborted"]


def test_a_response_that_is_dropped_by_the_event_loop_leaves_no_transaction(async_rf):
    make(1000)
    responses = [MakerCsvView.as_view()(async_rf.get("/"))]

    @async_to_sync
    async def drop():
        responses.clear()

    drop()
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (1001, [])


def test_an_asynchronous_receiver_is_called_by_the_event_loop(async_rf):
    told = []

    async def receive(outcome, **kwargs):
        told.append(outcome)

    make(1000)
    responses = [MakerCsvView.as_view()(async_rf.get("/"))]

    @async_to_sync
    async def drop():
        responses.clear()

    report_finished.connect(receive)
    try:
        drop()
    finally:
        report_finished.disconnect(receive)
    assert told == ["aborted"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Others do not list their sessions.")
@pytest.mark.parametrize("names", [(), ("write_afterwards",)], ids=["alone", "beside another"])
@pytest.mark.parametrize("on_send", [None, at_message(2, leave), at_message(2, raise_os_error)])
def test_after_a_request_no_session_is_left(settings, names, on_send):
    serve(settings, MakerCsvView, *names)
    make(1000)
    with suppress(OSError):
        run_as_a_server_does(Exchange("/report/", on_send=on_send))
    assert other_sessions() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Others send all rows at once.")
def test_a_session_that_is_killed_fails_the_report_alone(settings, finished):
    serve(settings, MakerCsvView)
    make(1000)

    def kill():
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND state <> 'idle'"
            )

    async def on_send(exchange, message):
        if len(exchange.sent) == 1:
            await asyncio.to_thread(kill_and_close)

    def kill_and_close():
        kill()
        connections.close_all()

    with pytest.raises(OperationalError):
        run(Exchange("/report/", on_send=on_send))
    assert (outcomes(finished), Maker.objects.count()) == (["failed"], 1000)


# Middleware


def test_middleware_may_wrap_the_blocks(settings, finished):
    serve(settings, MakerCsvView, "shout")
    make(3)
    exchange = run(Exchange("/report/"))
    assert exchange.body == body(3).upper()
    assert outcomes(finished) == ["completed"]


def test_middleware_that_wraps_the_blocks_of_a_report_that_is_aborted(settings, finished):
    serve(settings, MakerCsvView, "shout")
    make(1000)
    run(Exchange("/report/", on_send=at_message(2, leave)))
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])


def test_middleware_that_fails_on_a_block_ends_the_report(settings, finished, requests_finished):
    serve(settings, MakerCsvView, "fail_on_second_block")
    make(1000)
    with pytest.raises(RuntimeError, match="middleware failed"):
        run(Exchange("/report/"))
    assert (outcomes(finished), requests_finished) == (["aborted"], [ASGIHandler])


def test_middleware_may_make_the_blocks_synchronous(settings, finished):
    """Django then holds the whole file, with a warning."""
    serve(settings, MakerCsvView, "send_something_else")
    with pytest.warns(Warning, match="must consume synchronous iterators"):
        exchange = run(Exchange("/report/"))
    assert (exchange.body, outcomes(finished)) == (b"something else", ["aborted"])


@pytest.mark.parametrize("name", ["fail_afterwards", "replace"])
def test_a_response_that_middleware_throws_away_is_closed(settings, finished, name):
    serve(settings, MakerCsvView, name)
    make(1000)
    run(Exchange("/report/"))
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])
