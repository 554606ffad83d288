"""The response of a StreamingView."""

import gzip

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils.safestring import SafeString

from streamreports.responses import ReportResponse
from streamreports.views import StreamingView
from tests.streams.support import AsyncMakersView, MakersView, body, save, serve


class HelloView(StreamingView):
    """Greet whoever the request names."""

    def generate(self):
        yield "Hello "
        yield self.request.GET["name"]
        yield "!"


class ArgumentsView(StreamingView):
    def generate(self):
        yield f"{self.args} {self.kwargs}"


def get(rf, view_class, data=None, **initkwargs):
    return view_class.as_view(**initkwargs)(rf.get("/hello/", data or {"name": "Ann"}))


def test_pieces_are_sent_one_by_one(rf):
    assert list(get(rf, HelloView)) == [b"Hello ", b"Ann", b"!"]


def test_text_from_the_request_is_escaped(rf):
    response = get(rf, HelloView, {"name": "<script>alert(1)</script>"})
    assert b"".join(response) == b"Hello &lt;script&gt;alert(1)&lt;/script&gt;!"


def test_text_is_not_escaped_under_another_type(rf):
    response = get(rf, HelloView, {"name": "<b>"}, content_type="text/plain; charset=utf-8")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert b"".join(response) == b"Hello <b>!"


def test_pieces_may_be_sent_together(rf):
    assert list(get(rf, HelloView, buffer_size=2)) == [b"Hello Ann", b"!"]


def test_a_generator_gets_the_arguments_of_the_url(rf):
    response = ArgumentsView.as_view(content_type="text/plain")(rf.get("/"), 1, year=2026)
    assert b"".join(response) == b"(1,) {'year': 2026}"


def test_these_are_all_the_headers(rf):
    assert dict(get(rf, HelloView).headers) == {
        "Content-Type": "text/html; charset=utf-8",
        "X-Accel-Buffering": "no",
        "Cache-Control": "private, no-store",
    }


def test_headers_can_be_replaced(rf):
    class CachedView(HelloView):
        cache_control = None

        def get_headers(self):
            return {**super().get_headers(), "X-Accel-Buffering": "yes", "ETag": '"1"'}

    assert dict(get(rf, CachedView).headers) == {
        "Content-Type": "text/html; charset=utf-8",
        "X-Accel-Buffering": "yes",
        "ETag": '"1"',
    }


def test_the_response_is_that_of_a_report(rf):
    response = get(rf, HelloView)
    assert isinstance(response, ReportResponse)
    assert b"".join(response) == b"Hello Ann!"
    assert (response.body.bytes, response.body.rows, response.body.outcome) == (10, 0, "completed")


def test_its_class_can_be_replaced(rf):
    class OwnResponse(ReportResponse):
        status_code = 203

    assert get(rf, HelloView, response_class=OwnResponse).status_code == 203


@pytest.mark.parametrize("view_class", [MakersView, AsyncMakersView])
def test_pieces_may_be_made_of_queries(db, rf, view_class):
    save("Ann", "<Bob>")
    assert b"".join(get(rf, view_class)) == body("&lt;Bob&gt;", "Ann")


def test_a_list_of_pieces_can_be_returned(rf):
    class ListView(StreamingView):
        def generate(self):
            return ["a", SafeString("<b>")]

    assert list(get(rf, ListView)) == [b"a", b"<b>"]


# HEAD and other methods


def test_head_makes_no_piece(rf, django_assert_num_queries, db, finished):
    with django_assert_num_queries(0):
        response = MakersView.as_view()(rf.head("/"))
    assert (response.status_code, b"".join(response), finished) == (200, b"", [])
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_head_makes_no_asynchronous_piece(rf, finished):
    response = AsyncMakersView.as_view()(rf.head("/"))
    assert (response.status_code, b"".join(response), finished) == (200, b"", [])


def test_other_methods_are_refused(rf):
    response = HelloView.as_view()(rf.post("/"))
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_view_may_answer_to_post(rf):
    class AnswerView(HelloView):
        def post(self, request):
            return self.get(request)

    assert b"".join(AnswerView.as_view()(rf.post("/?name=Ann"))) == b"Hello Ann!"


# Errors


def error_of(rf, **attributes):
    view_class = type("UnfinishedView", (StreamingView,), attributes)
    with pytest.raises(ImproperlyConfigured) as raised:
        view_class.as_view()(rf.get("/"))
    return str(raised.value)


def test_a_missing_generator_is_said(rf):
    assert error_of(rf) == (
        "UnfinishedView is missing generate(). Define UnfinishedView.generate(), a generator of"
        " text or bytes."
    )


def test_a_generator_without_yield_is_said(rf):
    assert error_of(rf, generate=lambda self: None) == (
        "The result of UnfinishedView.generate() is None, which cannot be streamed. Give a"
        " generator, which yields text or bytes."
    )


def test_a_coroutine_is_said(rf):
    async def generate(self):
        return "Hello"

    assert error_of(rf, generate=generate) == (
        "The result of UnfinishedView.generate() is a coroutine, which cannot be streamed. Use"
        " yield in the function, so that it is an asynchronous generator."
    )


def test_an_invalid_number_is_said(rf):
    assert error_of(rf, generate=lambda self: [], buffer_size=0) == (
        "UnfinishedView.buffer_size is 0. Use an integer of at least 1."
    )
    assert error_of(rf, generate=lambda self: [], max_concurrent_streams=0) == (
        "UnfinishedView.max_concurrent_streams is 0. Use an integer of at least 1, or None."
    )


def test_a_first_piece_that_fails_is_an_ordinary_server_error(db, client, settings, finished):
    save("Ann")
    serve(settings, MakersView, fails_at="Ann", buffer_size=2)
    client.raise_request_exception = False
    assert client.get("/report/").status_code == 500
    assert [(sent["outcome"], sent["bytes"]) for sent in finished] == [("failed", 0)]


# Limits


@pytest.fixture
def one_stream(db, rf):
    response = get(rf, HelloView, max_concurrent_streams=1)
    yield response
    response.close()


def test_more_streams_than_the_limit_are_rejected(rf, one_stream):
    response = get(rf, HelloView, max_concurrent_streams=1, retry_after=7)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "7")


@pytest.mark.parametrize("end", ["read", "close"])
def test_a_stream_that_ends_releases_its_slot(rf, one_stream, end):
    list(one_stream) if end == "read" else one_stream.close()
    assert get(rf, HelloView, max_concurrent_streams=1).status_code == 200


# Middleware


def test_gzip_middleware_leaves_it_alone(client, settings):
    """A compressor would hold pieces back."""
    serve(settings, HelloView, "django.middleware.gzip.GZipMiddleware")
    response = client.get("/report/?name=Ann", headers={"Accept-Encoding": "gzip"})
    assert not response.has_header("Content-Encoding")
    assert list(response) == [b"Hello ", b"Ann", b"!"]


def test_gzip_middleware_compresses_other_responses(client, settings):
    """The test above would pass if the middleware never compressed."""
    from django.http import HttpResponse

    serve(
        settings, lambda request: HttpResponse("x" * 999), "django.middleware.gzip.GZipMiddleware"
    )
    response = client.get("/report/", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(response.content) == b"x" * 999


def test_conditional_get_middleware_leaves_it_alone(client, settings):
    serve(settings, HelloView, "django.middleware.http.ConditionalGetMiddleware")
    response = client.get("/report/?name=Ann")
    assert (response.has_header("ETag"), b"".join(response)) == (False, b"Hello Ann!")
