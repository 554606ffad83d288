import asyncio
import threading

import pytest
from asgiref.sync import async_to_sync
from django.core.handlers.asgi import ASGIHandler
from django.utils import timezone, translation

from streamreports.columns import Column
from tests import middleware
from tests.asgi import HANGS, Exchange
from tests.connections import open_transactions
from tests.models import Maker
from tests.responses.asgi.helpers import (
    at_message,
    is_block,
    leave,
    run,
    serve,
)
from tests.responses.helpers import outcomes
from tests.views import FailingCsvView, MakerCsvView, body, make, rows_in

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
