"""Compressed reports on ASGI."""

import gzip
import threading

import pytest

from streamreports import deflate
from streamreports.formats.csv import CsvFormat
from streamreports.formats.gzip import gzipped
from tests.asgi import Exchange
from tests.connections import open_transactions
from tests.responses.asgi.helpers import (
    at_message,
    is_block,
    leave,
    run,
    serve,
)
from tests.responses.helpers import outcomes
from tests.responses.test_compression import (
    CompressedCsvView,
    CompressedFailingCsvView,
    start_of,
)
from tests.views import body, make

MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware"]


def gzip_exchange(**kwargs):
    return Exchange("/report/", headers=[(b"accept-encoding", b"gzip, deflate, br")], **kwargs)


def test_a_client_that_accepts_gzip_gets_it(settings):
    serve(settings, CompressedCsvView)
    make(1000)
    exchange = run(gzip_exchange())
    assert exchange.headers == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="makers.csv"',
        "Content-Encoding": "gzip",
        "Vary": "Accept-Encoding",
        "Cache-Control": "private, no-store",
    }
    assert gzip.decompress(exchange.body) == body(1000)
    assert len([message for message in exchange.sent if is_block(message)]) > 2


def test_other_clients_get_the_file_as_it_is(settings):
    serve(settings, CompressedCsvView)
    make(1000)
    exchange = run(Exchange("/report/"))
    assert exchange.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in exchange.headers
    assert exchange.body == body(1000)


def test_the_length_of_a_small_report_is_that_of_what_is_sent(settings):
    serve(settings, CompressedCsvView, buffered_up_to=64 * 1024)
    make(100)
    exchange = run(gzip_exchange())
    assert exchange.headers["Content-Length"] == str(len(exchange.body))
    assert gzip.decompress(exchange.body) == body(100)


@pytest.mark.parametrize("formats", [[CsvFormat], [gzipped(CsvFormat)]])
def test_the_middleware_compresses_nothing_again(settings, formats):
    serve(settings, CompressedCsvView, formats=formats)
    settings.MIDDLEWARE = MIDDLEWARE
    make(1000)
    assert gzip.decompress(run(gzip_exchange()).body) == body(1000)


def test_the_event_loop_compresses_nothing(settings, monkeypatch):
    serve(settings, CompressedCsvView)
    make(1000)
    of_compression, of_loop, crc32 = set(), set(), deflate.crc32

    def checksum(block, value):
        of_compression.add(threading.get_ident())
        return crc32(block, value)

    async def on_send(exchange, message):
        of_loop.add(threading.get_ident())

    monkeypatch.setattr(deflate, "crc32", checksum)
    exchange = run(gzip_exchange(on_send=on_send))
    assert gzip.decompress(exchange.body) == body(1000)
    assert (len(of_compression), len(of_loop)) == (1, 1)
    assert of_compression != of_loop


def test_a_report_that_fails_has_no_end_and_no_last_message(settings, finished):
    serve(settings, CompressedFailingCsvView, fails_at=900)
    make(1000)
    exchange = gzip_exchange()
    with pytest.raises(LookupError):
        run(exchange)
    assert body(1000).startswith(start_of(exchange.body))
    assert exchange.sent[-1]["more_body"] is True
    assert (outcomes(finished), open_transactions()) == (["failed"], [])


def test_a_client_that_leaves_ends_the_report(settings, finished):
    serve(settings, CompressedCsvView)
    make(1000)
    run(gzip_exchange(on_send=at_message(1, leave)))
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])
