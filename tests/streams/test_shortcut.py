"""The shortcut stream()."""

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.utils.safestring import SafeString
from rest_framework.request import Request

from streamreports.exceptions import ReportError
from streamreports.shortcuts import stream
from tests.asgi import Exchange
from tests.responses.asgi.helpers import run
from tests.streams.support import makers_view, save, serve


def hello(request):
    yield "Hello "
    yield request.GET["name"]
    yield "!"


async def ahello(request):
    for piece in hello(request):
        yield piece


def hello_view(request):
    return stream(request, hello(request))


@pytest.mark.parametrize("generate", [hello, ahello])
def test_pieces_are_sent_one_by_one(rf, generate):
    request = rf.get("/", {"name": "<Ann>"})
    assert list(stream(request, generate(request))) == [b"Hello ", b"&lt;Ann&gt;", b"!"]


def test_these_are_all_the_headers(rf):
    assert dict(stream(rf.get("/"), ["a"]).headers) == {
        "Content-Type": "text/html; charset=utf-8",
        "X-Accel-Buffering": "no",
        "Cache-Control": "private, no-store",
    }


def test_these_are_the_options(rf):
    response = stream(
        rf.get("/"), "<abc>".split("b"), content_type="text/x", buffer_size=2, cache_control=None
    )
    assert dict(response.headers) == {"Content-Type": "text/x", "X-Accel-Buffering": "no"}
    assert list(response) == [b"<ac>"]


def test_the_limit_of_concurrent_streams_is_per_view(db, rf):
    first = stream(rf.get("/"), iter("ab"), max_concurrent_streams=1)
    second = stream(rf.get("/"), iter("ab"), max_concurrent_streams=1, retry_after=3)
    assert (second.status_code, second.headers["Retry-After"]) == (503, "3")
    first.close()


def test_a_request_of_another_framework_is_unwrapped(rf):
    request = Request(rf.get("/", {"name": "Ann"}))
    assert b"".join(stream(request, hello(request._request))) == b"Hello Ann!"


def test_the_sender_of_signals_is_the_view(db, client, settings, finished):
    save("Ann")
    serve(settings, makers_view)
    b"".join(client.get("/report/"))
    (sent,) = finished
    assert (sent["sender"], sent["report"], sent["rows"]) == (makers_view, None, 0)


def test_the_sender_of_signals_is_the_shortcut_without_a_url(rf, finished):
    list(stream(rf.get("/"), ["a"]))
    assert [sent["sender"] for sent in finished] == [stream]


def test_head_makes_no_piece(rf):
    made = []

    def generate():
        made.append(1)
        yield "a"

    assert (b"".join(stream(rf.head("/"), generate())), made) == (b"", [])


def test_a_string_is_refused(rf):
    with pytest.raises(ImproperlyConfigured) as raised:
        stream(rf.get("/"), "<p>")
    assert str(raised.value) == (
        "The second argument of stream() is a str, which cannot be streamed. Give a generator,"
        " which yields text or bytes."
    )


def test_an_invalid_number_is_refused(rf):
    with pytest.raises(ReportError, match=r"^stream\(\)\.buffer_size is 'five'\."):
        stream(rf.get("/"), [], buffer_size="five")


# Asynchronous views


@pytest.mark.parametrize("generate", [hello, ahello])
def test_a_view_sends_pieces_under_asgi(own_connection, settings, generate):
    serve(settings, lambda request: stream(request, ["a", SafeString("<b>")]))
    exchange = run(Exchange("/report/"))
    assert [message.get("body") for message in exchange.sent[1:]] == [b"a", b"<b>", None]


@pytest.mark.parametrize("generate", [hello, ahello])
def test_an_asynchronous_view_calls_it_in_a_thread(own_connection, settings, generate):
    async def view(request):
        request.GET = {"name": "Ann"}
        return await sync_to_async(stream)(request, generate(request))

    serve(settings, view)
    assert run(Exchange("/report/")).body == b"Hello Ann!"


def test_called_in_an_event_loop_it_says_what_to_do(async_rf):
    @async_to_sync
    async def call():
        stream(async_rf.get("/"), ["a"])

    with pytest.raises(ImproperlyConfigured) as raised:
        call()
    assert str(raised.value) == (
        "stream() was called in the thread of an event loop. In an asynchronous view, use await"
        " sync_to_async(stream)(request, ...)."
    )
