import asyncio
import gc

import pytest
from asgiref.sync import async_to_sync
from django.core.handlers.asgi import ASGIHandler
from django.db import connection

from tests.asgi import HANGS, Exchange
from tests.connections import open_transactions
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
from tests.views import FailingCsvView, MakerCsvView, make

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
