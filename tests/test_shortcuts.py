import asyncio
import threading
from functools import partial, wraps

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction
from django.urls import path
from django.views.generic import View

from streamreports.columns import Column
from streamreports.exceptions import ColumnError, ReportError, TransactionError
from streamreports.formats.base import Format
from streamreports.formats.csv import ExcelCsvFormat
from streamreports.shortcuts import stream_report
from tests.asgi import HANGS
from tests.models import Maker
from tests.views import body, make

COLUMNS = ["name", "size"]


def makers():
    return Maker.objects.order_by("name")


def makers_view(request, **options):
    return stream_report(request, makers(), COLUMNS, **options)


def serve(settings, view, *middleware):
    settings.ROOT_URLCONF = (path("report/", view),)
    settings.MIDDLEWARE = [f"tests.middleware.{name}" for name in middleware]


def read(response):
    return b"".join(response)


@async_to_sync
async def fetch(async_client):
    async with asyncio.timeout(HANGS):
        response = await async_client.get("/report/")
        return b"".join([block async for block in response])


# The response


def test_a_function_view_sends_a_report(own_connection, client, settings):
    serve(settings, makers_view)
    make(1000)
    assert read(client.get("/report/")) == body(1000)


def test_a_function_view_sends_a_report_under_asgi(own_connection, async_client, settings):
    serve(settings, makers_view)
    make(1000)
    assert fetch(async_client) == body(1000)


def test_an_asynchronous_view_calls_it_in_a_thread(own_connection, async_client, settings):
    async def view(request):
        return await sync_to_async(stream_report)(request, makers(), COLUMNS)

    serve(settings, view)
    make(1000)
    assert fetch(async_client) == body(1000)


def test_these_are_all_the_headers(db, rf):
    assert dict(makers_view(rf.get("/")).headers) == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="makers.csv"',
        "Cache-Control": "private, no-store",
        "Content-Length": "11",
    }


def test_the_file_name_can_be_given(db, rf):
    response = makers_view(rf.get("/"), filename="all.csv")
    assert response.headers["Content-Disposition"] == 'attachment; filename="all.csv"'


def test_the_format_can_be_given(db, rf):
    assert read(makers_view(rf.get("/"), format=ExcelCsvFormat)).startswith(b"\xef\xbb\xbfName")


def test_cache_control_can_be_left_unset(db, rf):
    assert "Cache-Control" not in makers_view(rf.get("/"), cache_control=None).headers


def test_the_buffer_can_be_turned_off(db, rf):
    assert "Content-Length" not in makers_view(rf.get("/"), buffered_up_to=0).headers


def test_the_header_can_be_sent_early(db, rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = makers_view(rf.get("/"), early_header=True)
    assert read(response) == body(0)


def test_a_report_may_answer_a_post_request(db, rf):
    make(3)
    assert read(makers_view(rf.post("/"))) == body(3)


def test_a_head_request_runs_no_query(rf):
    """The test may not use the database."""
    assert read(makers_view(rf.head("/"))) == b""


def test_chunk_size_is_passed_to_the_report(db, rf, django_assert_num_queries):
    make(250)
    columns = ["name", Column("specimens__char", format=">1")]  # Python formats, so it prefetches.
    with django_assert_num_queries(1 + 5):
        read(stream_report(rf.get("/"), makers(), columns, chunk_size=50))


# The sender of the signals, whose name is logged


def sender(finished):
    (sent,) = finished
    return sent["sender"]


def test_the_sender_is_the_view_function(db, client, settings, finished):
    serve(settings, makers_view)
    read(client.get("/report/"))
    assert sender(finished) is makers_view


def test_the_sender_is_the_view_class(db, client, settings, finished):
    class MakersView(View):
        def get(self, request):
            return makers_view(request)

    serve(settings, MakersView.as_view())
    read(client.get("/report/"))
    assert sender(finished) is MakersView


def test_the_sender_without_a_url_is_the_shortcut(db, rf, finished):
    read(makers_view(rf.get("/")))
    assert sender(finished) is stream_report


def test_a_view_without_a_name_is_logged_by_its_repr(db, client, settings, caplog):
    caplog.set_level("INFO", logger="streamreports")
    view = partial(makers_view, filename="all.csv")
    serve(settings, view)
    read(client.get("/report/"))
    (message,) = caplog.messages
    assert message.startswith(f"{view!r} completed: 0 rows, 11 bytes in ")


# Limits


def test_more_rows_than_the_limit_are_rejected(db, rf):
    make(3)
    response = makers_view(rf.get("/"), max_rows=2)
    assert response.status_code == 413
    assert response.content.decode() == (
        "This report is limited to 2 rows. Use filters to select fewer rows, or download it in"
        " parts.\n"
    )


def test_more_streams_than_the_limit_are_rejected(own_connection, rf):
    make(1000)
    request = rf.get("/")
    limits = {"max_concurrent_streams": 1, "retry_after": 7, "buffered_up_to": 0}
    first = makers_view(request, **limits)
    second = makers_view(request, **limits)
    assert (second.status_code, second.headers["Retry-After"]) == (503, "7")
    first.close()
    assert read(makers_view(request, **limits)) == body(1000)


def test_each_view_has_its_own_limit(own_connection, client, settings):
    def view(request):
        return makers_view(request, max_concurrent_streams=1, buffered_up_to=0)

    @wraps(view)
    def other_view(request):
        return view(request)

    settings.ROOT_URLCONF = (path("a/", view), path("b/", other_view))
    settings.MIDDLEWARE = []
    make(1000)
    responses = [client.get(url) for url in ("/a/", "/b/", "/a/")]
    assert [response.status_code for response in responses] == [200, 200, 503]
    for response in responses:
        response.close()


# Transactions


@pytest.fixture
def _atomic_requests(monkeypatch):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)


def streaming_view(request):
    return makers_view(request, buffered_up_to=0)


@pytest.mark.usefixtures("_atomic_requests")
def test_a_view_with_atomic_requests_is_refused(own_connection, client, settings):
    serve(settings, streaming_view)
    make(1000)
    with pytest.raises(TransactionError, match=r"^streaming_view runs inside transaction\.atomic"):
        client.get("/report/")


@pytest.mark.usefixtures("_atomic_requests")
def test_a_view_that_opts_out_of_atomic_requests_sends_a_report(own_connection, client, settings):
    @transaction.non_atomic_requests
    @wraps(streaming_view)
    def view(request):
        return streaming_view(request)

    serve(settings, view)
    make(1000)
    assert read(client.get("/report/")) == body(1000)


# Errors


class HalfFormat(Format):
    """A format without encode()."""

    content_type = "text/plain"
    extension = "txt"


@pytest.mark.parametrize("report_format", ["csv", dict, Format, HalfFormat, None])
def test_an_invalid_format_is_an_error(rf, report_format):
    with pytest.raises(ReportError) as raised:
        makers_view(rf.get("/"), format=report_format)
    assert raised.value.problem == f"stream_report().format: {report_format!r} is not a format."


@pytest.mark.parametrize("queryset", [[], None, Maker.objects])
def test_an_invalid_queryset_is_an_error(rf, queryset):
    with pytest.raises(ImproperlyConfigured) as raised:
        stream_report(rf.get("/"), queryset, COLUMNS)
    kind = type(queryset).__name__
    assert str(raised.value) == f"The queryset of stream_report() is a {kind}. Pass a QuerySet."


def test_an_unknown_column_is_an_error(rf):
    with pytest.raises(ColumnError, match="'nmae' is not a field"):
        stream_report(rf.get("/"), makers(), ["nmae"])


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        ("max_rows", "10", "Use an integer of at least 1, or None."),
        ("max_concurrent_streams", 0, "Use an integer of at least 1, or None."),
        ("buffered_up_to", -1, "Use an integer of at least 0."),
        ("chunk_size", 0, "Use an integer of at least 1."),
        ("slot_timeout", None, "Use a number of at least 0."),
        ("retry_after", "10", "Use an integer of at least 0."),
    ],
)
def test_an_invalid_number_is_an_error(rf, option, value, hint):
    with pytest.raises(ReportError) as raised:
        makers_view(rf.get("/"), **{option: value})
    assert str(raised.value) == f"stream_report().{option} is {value!r}. {hint}"


# Requests of Django REST framework, which wrap those of Django


class Wrapper:
    """A request as in Django REST framework: it has a ``_request``, and passes attributes on."""

    def __init__(self, request):
        self._request = request

    def __getattr__(self, name):
        return getattr(self._request, name)


def test_a_wrapped_request_gets_a_report(own_connection, rf):
    make(1000)
    assert read(makers_view(Wrapper(rf.get("/")))) == body(1000)


def test_a_wrapped_request_is_passed_to_the_signals_unwrapped(db, rf, finished):
    request = rf.get("/")
    read(makers_view(Wrapper(Wrapper(request))))
    assert [sent["request"] for sent in finished] == [request]


def test_a_wrapped_request_is_recognized_as_asynchronous(own_connection, async_client, settings):
    threads = set()

    def view(request):
        column = Column(lambda maker: threads.add(threading.get_ident()) or "y", label="x")
        response = stream_report(Wrapper(request), makers(), [column], buffered_up_to=0)
        assert response.is_async
        return response

    serve(settings, view)
    make(150)
    assert fetch(async_client) == b"x\r\n" + b"y\r\n" * 150
    assert len(threads) == 1


def test_closing_the_request_closes_the_report_of_a_wrapped_one(own_connection, rf, finished):
    make(1000)
    request = rf.get("/")
    response = makers_view(Wrapper(request), buffered_up_to=0)
    request.close()
    assert [sent["outcome"] for sent in finished] == ["aborted"]
    assert read(response) == b""
