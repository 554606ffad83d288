import asyncio
import gc
from contextlib import suppress

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection, connections

from streamreports.signals import report_finished
from tests.asgi import Exchange
from tests.connections import open_transactions, other_sessions
from tests.models import Maker
from tests.responses.asgi.helpers import (
    at_message,
    leave,
    raise_os_error,
    run,
    run_as_a_server_does,
    serve,
)
from tests.responses.helpers import outcomes
from tests.views import MakerCsvView, make, rows_in

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
