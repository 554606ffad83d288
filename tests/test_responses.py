import asyncio
import gc
import gzip
import logging
import os
import re
import subprocess
import sys
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import django
import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from streamreports.columns import Column
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.responses import ReportResponse
from streamreports.signals import report_finished
from tests import middleware
from tests.asgi import HANGS
from tests.connections import hang_up, in_thread, open_transactions
from tests.models import Maker
from tests.views import FailingCsvView, MakerCsvView, body, make, rows_in

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
]


class Sender:
    """What the reports of these tests are sent by."""


def respond(request, queryset=None, columns=("name", "size"), format_class=CsvFormat, **kwargs):
    """Return the response with a report, built without a view."""
    queryset = Maker.objects.order_by("name") if queryset is None else queryset
    stream = Report(queryset, columns).stream(format_class())
    return ReportResponse(
        stream, request=request, **{"filename": "makers.csv", "sender": Sender, **kwargs}
    )


def serve(settings, view_class, *names, **initkwargs):
    """Have a view answer at /report/, inside middleware of tests.middleware."""
    settings.ROOT_URLCONF = (path("report/", view_class.as_view(**initkwargs)),)
    settings.MIDDLEWARE = [*MIDDLEWARE, *(f"tests.middleware.{name}" for name in names)]


def read(response):
    """Return the whole body of a response to a synchronous client."""
    return b"".join(response)


@async_to_sync
async def fetch(async_client, **headers):
    """Return the body that an asynchronous client is sent."""
    async with asyncio.timeout(HANGS):
        response = await async_client.get("/report/", headers=headers)
        return b"".join([block async for block in response])


# Headers


def test_these_are_all_the_headers(db, rf):
    assert dict(respond(rf.get("/")).headers) == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="makers.csv"',
    }


def test_further_headers_are_added(db, rf):
    response = respond(rf.get("/"), headers={"Cache-Control": "no-store"})
    assert response.headers["Cache-Control"] == "no-store"


def test_the_content_type_can_be_given(db, rf):
    response = respond(rf.get("/"), content_type="text/plain")
    assert response.headers["Content-Type"] == "text/plain"


def test_the_content_type_tells_the_encoding(db, rf):
    class Latin(CsvFormat):
        encoding = "latin-1"

    response = respond(rf.get("/"), format_class=Latin)
    assert response.headers["Content-Type"] == "text/csv; charset=iso-8859-1"


@pytest.mark.parametrize(
    ("filename", "header"),
    [
        ("cargo.csv", 'filename="cargo.csv"'),
        ("my cargo, all of it.csv", 'filename="my cargo, all of it.csv"'),
        ("Frachtgüter.csv", "filename*=utf-8''Frachtg%C3%BCter.csv"),
        ("貨物 🚢.csv", "filename*=utf-8''%E8%B2%A8%E7%89%A9%20%F0%9F%9A%A2.csv"),
        ("100%.csv", 'filename="100%.csv"'),
        ("100% größer.csv", "filename*=utf-8''100%25%20gr%C3%B6%C3%9Fer.csv"),
        ('say "hi".csv', r'filename="say \"hi\".csv"'),
        ("semi;colon'.csv", 'filename="semi;colon\'.csv"'),
        ("a/b.csv", 'filename="a_b.csv"'),
        ("a\\b.csv", 'filename="a_b.csv"'),
        ("/etc/passwd", 'filename="_etc_passwd"'),
        ("../../etc/passwd", 'filename="_.._etc_passwd"'),
        ("C:\\Windows\\a.csv", 'filename="C:_Windows_a.csv"'),
        ("a\r\nSet-Cookie: b=c.csv", 'filename="a__Set-Cookie: b=c.csv"'),
        ("a\tb\x1bc\x7fd.csv", 'filename="a_b_c_d.csv"'),
        ("a\0b.csv", "filename*=utf-8''a%EF%BF%BDb.csv"),
        ("a\ud800b.csv", "filename*=utf-8''a%EF%BF%BDb.csv"),
        ("\udcff\ud83d\ude00.csv", "filename*=utf-8''%EF%BF%BD%EF%BF%BD%EF%BF%BD.csv"),
        (".htaccess", 'filename="htaccess"'),
        ("cargo.csv. ", 'filename="cargo.csv"'),
        ("..", 'filename="report"'),
        (" ", 'filename="report"'),
        ("", 'filename="report"'),
    ],
)
def test_a_file_name_is_harmless(db, rf, filename, header):
    response = respond(rf.get("/"), filename=filename)
    assert response.headers["Content-Disposition"] == f"attachment; {header}"


def test_a_file_name_may_be_a_lazy_translation(db, rf):
    with translation.override("de"):
        response = respond(rf.get("/"), filename=gettext_lazy("Yes"))
    assert response.headers["Content-Disposition"] == 'attachment; filename="Ja"'


# The body


def test_under_wsgi_the_iterator_is_synchronous(db, rf):
    assert respond(rf.get("/")).is_async is False


def test_under_asgi_the_iterator_is_asynchronous(db, async_rf):
    assert respond(async_rf.get("/")).is_async is True


def test_a_synchronous_client_gets_the_file(db, client, settings):
    serve(settings, MakerCsvView)
    make(1000)
    assert read(client.get("/report/")) == body(1000)


def test_an_asynchronous_client_gets_the_file(db, async_client, settings):
    serve(settings, MakerCsvView)
    make(1000)
    assert fetch(async_client) == body(1000)


def test_getvalue_returns_the_file(db, rf):
    make(3)
    assert respond(rf.get("/")).getvalue() == body(3)


def test_a_body_is_sent_once(db, rf):
    response = respond(rf.get("/"))
    assert [read(response), read(response)] == [body(0), b""]


def test_a_report_without_rows_is_its_header(db, client, settings):
    serve(settings, MakerCsvView)
    assert read(client.get("/report/")) == body(0)


class NothingFormat(Format):
    """Write nothing where there are no rows, as JSON lines do."""

    name = "lines"
    content_type = "text/plain"
    extension = "txt"

    def encode(self, columns, batches):
        for rows in batches:
            yield "".join(f"{text}\n" for (text,) in rows).encode()


def test_a_file_may_be_empty(db, client, settings):
    serve(settings, MakerCsvView, formats=[NothingFormat])
    assert read(client.get("/report/")) == b""


def test_a_file_may_be_empty_for_an_asynchronous_client(db, async_client, settings):
    serve(settings, MakerCsvView, formats=[NothingFormat])
    assert fetch(async_client) == b""


def test_an_empty_file_is_a_completed_report(db, client, settings, finished):
    serve(settings, MakerCsvView, formats=[NothingFormat])
    read(client.get("/report/"))
    assert [(sent["outcome"], sent["rows"], sent["bytes"]) for sent in finished] == [
        ("completed", 0, 0)
    ]


def test_wsgiref_finds_nothing_wrong(own_connection, settings):
    serve(settings, MakerCsvView)
    make(1000)
    environ, started = {"PATH_INFO": "/report/", "SCRIPT_NAME": "", "QUERY_STRING": ""}, []
    setup_testing_defaults(environ)
    environ["HTTP_HOST"] = "testserver"
    response = validator(get_wsgi_application())(
        environ, lambda status, headers, exc_info=None: started.append(status)
    )
    file = read(response)
    response.close()
    assert (started, file) == (["200 OK"], body(1000))


# The first block


def test_the_query_runs_before_there_is_a_response(db, rf):
    with CaptureQueriesContext(connection) as queries:
        respond(rf.get("/"))
    assert len(queries) == 1


def test_reading_on_runs_no_further_query(db, rf):
    make(1000)
    response = respond(rf.get("/"))
    with CaptureQueriesContext(connection) as queries:
        read(response)
    assert len(queries) == 0


def broken_queryset():
    return Maker.objects.extra(where=["no_such_column = 1"])


def test_a_query_that_fails_raises_in_the_view(own_connection, rf):
    with pytest.raises(DatabaseError, match="no_such_column"):
        respond(rf.get("/"), broken_queryset())


def test_a_query_that_fails_raises_in_the_view_under_asgi(own_connection, async_rf):
    with pytest.raises(DatabaseError, match="no_such_column"):
        respond(async_rf.get("/"), broken_queryset())


def test_a_query_that_fails_is_an_ordinary_server_error(own_connection, client, settings):
    serve(settings, MakerCsvView, queryset=broken_queryset())
    client.raise_request_exception = False
    response = client.get("/report/")
    assert (response.status_code, response.streaming) == (500, False)


def test_after_a_query_that_fails_the_connection_works(own_connection, client, settings):
    serve(settings, MakerCsvView, queryset=broken_queryset())
    client.raise_request_exception = False
    client.get("/report/")
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (1, [])


def test_a_column_that_fails_in_the_first_row_raises_in_the_view(db, client, settings):
    serve(settings, FailingCsvView)
    make(1)
    with pytest.raises(LookupError, match="no name for 0000"):
        client.get("/report/")


def test_what_fails_in_the_first_block_is_a_failed_report(db, client, settings, finished):
    serve(settings, FailingCsvView)
    make(1)
    with pytest.raises(LookupError) as raised:
        client.get("/report/")
    (sent,) = finished
    assert (sent["outcome"], sent["exception"]) == ("failed", raised.value)
    assert (sent["rows"], sent["bytes"]) == (0, 0)


# What is in force in the body


class ContextCsvView(MakerCsvView):
    columns = [
        Column(lambda maker: translation.get_language(), label="language"),
        Column(lambda maker: timezone.get_current_timezone_name(), label="zone"),
        Column(lambda maker: middleware.tenant.get(), label="tenant"),
        Column("specimens__char"),
    ]


IN_CONTEXT = b"language,zone,tenant,Specimens char\r\n" + b"de,Asia/Tokyo,acme,\r\n" * 250


@pytest.fixture
def statements():
    middleware.statements.clear()
    return middleware.statements


def test_the_context_of_the_request_is_active(own_connection, client, settings):
    serve(settings, ContextCsvView, "activate_context")
    make(250)
    assert read(client.get("/report/")) == IN_CONTEXT


def test_the_context_of_the_request_is_active_under_asgi(own_connection, async_client, settings):
    serve(settings, ContextCsvView, "activate_context")
    make(250)
    assert fetch(async_client) == IN_CONTEXT


def test_every_statement_runs_through_the_execute_wrappers(
    own_connection, client, settings, statements
):
    serve(settings, ContextCsvView, "activate_context")
    make(250)
    read(client.get("/report/"))
    selects = [sql for sql in statements if sql.startswith("SELECT")]
    # Each of three chunks prefetches; MariaDB also joins by chunks.
    assert len(selects) == (7 if connection.vendor == "mysql" else 4)


def test_every_statement_runs_through_the_execute_wrappers_under_asgi(
    own_connection, async_client, settings, statements
):
    serve(settings, ContextCsvView, "activate_context")
    make(250)
    fetch(async_client)
    selects = [sql for sql in statements if sql.startswith("SELECT")]
    assert len(selects) == (7 if connection.vendor == "mysql" else 4)


def in_force():
    """Return what is in force here and now."""
    return (
        translation.get_language(),
        timezone.get_current_timezone_name(),
        middleware.tenant.get(),
        connection.execute_wrappers,
    )


def test_nothing_leaks_from_the_body(own_connection, client, settings):
    serve(settings, ContextCsvView, "activate_context")
    make(250)
    seen = [in_force() for _ in client.get("/report/")]
    assert [*seen, in_force()] == [("en", "UTC", "nobody", [])] * (len(seen) + 1)


def test_nothing_leaks_from_the_body_under_asgi(own_connection, async_client, settings):
    serve(settings, ContextCsvView, "activate_context")
    make(250)

    @async_to_sync
    async def look():
        response = await async_client.get("/report/")
        return [in_force()[:3] async for _ in response]

    seen = look()
    assert seen == [("en", "UTC", "nobody")] * len(seen)
    assert in_force() == ("en", "UTC", "nobody", [])


def test_nothing_leaks_from_a_body_that_fails(own_connection, client, settings):
    serve(settings, FailingCsvView, "activate_context", fails_at=150)
    make(250)
    with pytest.raises(LookupError):
        read(client.get("/report/"))
    assert in_force() == ("en", "UTC", "nobody", [])


def test_nothing_leaks_from_a_body_that_is_dropped(own_connection, client, settings):
    serve(settings, MakerCsvView, "activate_context")
    make(250)
    client.get("/report/").close()
    assert in_force() == ("en", "UTC", "nobody", [])


def test_a_column_may_call_asynchronous_code(db, client, settings):
    async def shout(maker):
        return "!"

    serve(settings, MakerCsvView, columns=[Column(async_to_sync(shout), label="shout")])
    make(150)
    assert read(client.get("/report/")) == b"shout\r\n" + b"!\r\n" * 150


def test_a_column_may_call_asynchronous_code_under_asgi(db, async_client, settings):
    async def shout(maker):
        return "!"

    serve(settings, MakerCsvView, columns=[Column(async_to_sync(shout), label="shout")])
    make(150)
    assert fetch(async_client) == b"shout\r\n" + b"!\r\n" * 150


# The end: the signal


def outcomes(finished):
    return [sent["outcome"] for sent in finished]


def test_a_completed_report_is_signalled_once_with_everything(own_connection, rf, finished):
    make(1000)
    request = rf.get("/")
    response = respond(request)
    file = read(response)
    response.close()
    (sent,) = finished
    seconds, report = sent.pop("seconds"), sent.pop("report")
    assert sent == {
        "signal": report_finished,
        "sender": Sender,
        "request": request,
        "rows": 1000,
        "bytes": len(file),
        "outcome": "completed",
        "exception": None,
    }
    assert isinstance(report, Report)
    assert 0 < seconds < 60


def test_a_report_that_is_not_read_to_its_end_is_signalled_when_it_is_closed(
    own_connection, rf, finished
):
    make(1000)
    response = respond(rf.get("/"))
    first = next(iter(response))
    assert finished == []
    response.close()
    (sent,) = finished
    assert (sent["outcome"], sent["exception"]) == ("aborted", None)
    assert (sent["rows"], sent["bytes"]) == (rows_in(first), len(first))


def test_rows_and_bytes_are_counted_block_by_block(own_connection, rf, finished):
    make(1000)
    response = respond(rf.get("/"))
    blocks = iter(response)
    start = next(blocks) + next(blocks)
    response.close()
    (sent,) = finished
    assert (sent["rows"], sent["bytes"]) == (rows_in(start), len(start))


def test_nothing_is_counted_of_what_never_left(own_connection, rf, finished):
    make(3)
    respond(rf.get("/")).close()
    (sent,) = finished
    assert (sent["outcome"], sent["rows"], sent["bytes"]) == ("aborted", 0, 0)


def test_a_report_that_is_closed_twice_is_signalled_once(own_connection, rf, finished):
    response = respond(rf.get("/"))
    response.close()
    response.close()
    assert outcomes(finished) == ["aborted"]


def test_a_response_that_is_closed_twice_ends_the_request_once(
    own_connection, rf, requests_finished
):
    response = respond(rf.get("/"))
    response.close()
    response.close()
    assert len(requests_finished) == 1


def test_a_report_that_is_closed_gives_no_more(own_connection, rf):
    make(1000)
    response = respond(rf.get("/"))
    blocks = iter(response)
    response.close()
    assert list(blocks) == []


def test_a_report_that_is_dropped_is_signalled(own_connection, rf, finished):
    make(1000)
    response = respond(rf.get("/"))
    next(iter(response))
    del response
    gc.collect()
    assert outcomes(finished) == ["aborted"]


def test_a_report_that_is_dropped_unread_is_signalled(own_connection, rf, finished):
    respond(rf.get("/"))
    gc.collect()
    assert outcomes(finished) == ["aborted"]


def test_a_report_that_fails_is_signalled_once_with_its_exception(
    own_connection, client, settings, finished
):
    serve(settings, FailingCsvView, fails_at=150)
    make(250)
    response = client.get("/report/")
    blocks = iter(response)
    first = next(blocks)
    with pytest.raises(LookupError) as raised:
        list(blocks)
    response.close()
    (sent,) = finished
    assert (sent["outcome"], sent["exception"]) == ("failed", raised.value)
    assert (sent["rows"], sent["bytes"]) == (rows_in(first), len(first))
    assert sent["sender"] is FailingCsvView


def test_a_report_that_fails_does_not_end_with_a_line_end(own_connection, client, settings):
    serve(settings, FailingCsvView, fails_at=150)
    make(250)
    left = []
    with pytest.raises(LookupError):
        left.extend(client.get("/report/"))  # what a list had so far, it keeps
    assert body(250).startswith(b"".join(left))
    assert not b"".join(left).endswith((b"\r", b"\n"))


def test_an_interrupt_in_the_body_is_a_failed_report(own_connection, rf, finished):
    def interrupt(maker):
        raise KeyboardInterrupt

    make(1)
    with pytest.raises(KeyboardInterrupt):
        respond(rf.get("/"), columns=[Column(interrupt, label="x")])
    assert outcomes(finished) == ["failed"]


def test_a_stop_iteration_in_a_column_does_not_pass_for_the_end(own_connection, rf, finished):
    make(150)
    values = iter(range(120))
    response = respond(rf.get("/"), columns=[Column(lambda maker: next(values), label="x")])
    with pytest.raises(RuntimeError):
        read(response)
    assert outcomes(finished) == ["failed"]


def test_a_stop_iteration_in_a_format_does_not_pass_for_the_end(own_connection, rf, finished):
    make(150)
    values = iter(range(120))
    response = respond(rf.get("/"), columns=[Column("name", format=lambda name: next(values))])
    with pytest.raises(RuntimeError):
        read(response)
    assert outcomes(finished) == ["failed"]


def test_a_receiver_that_raises_breaks_nothing(own_connection, rf, finished):
    def receive(**kwargs):
        raise RuntimeError("receiver failed")

    make(3)
    report_finished.connect(receive)
    try:
        file = read(respond(rf.get("/")))
    finally:
        report_finished.disconnect(receive)
    assert (file, outcomes(finished)) == (body(3), ["completed"])


def test_a_receiver_that_closes_the_response_breaks_nothing(own_connection, rf, finished):
    make(3)
    response = respond(rf.get("/"))

    def receive(**kwargs):
        response.close()

    report_finished.connect(receive)
    try:
        file = read(response)
    finally:
        report_finished.disconnect(receive)
    assert (file, outcomes(finished)) == (body(3), ["completed"])


@pytest.mark.parametrize("ending", ["completed", "aborted", "failed"])
def test_a_receiver_may_write_to_the_database(own_connection, rf, ending):
    def receive(outcome, **kwargs):
        Maker.objects.create(name=outcome)

    def fail_late(maker):
        return 1 / (ending != "failed" or not maker.name.startswith("0150"))

    make(250)
    report_finished.connect(receive)
    try:
        response = respond(rf.get("/"), columns=[Column(fail_late, label="x")])
        if ending == "aborted":
            response.close()
        else:
            list(response)
    except ZeroDivisionError:
        pass
    finally:
        report_finished.disconnect(receive)
    assert Maker.objects.filter(name=ending).count() == 1


# The end: the log


def messages(caplog):
    return [
        (record.levelname, re.sub(r"\d+\.\d\d s$", "? s", record.getMessage()))
        for record in caplog.records
        if record.name == "streamreports"
    ]


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.INFO, logger="streamreports")
    return caplog


def test_a_completed_report_is_logged_once(db, client, settings, log):
    serve(settings, MakerCsvView)
    make(3)
    file = read(client.get("/report/"))
    assert messages(log) == [
        ("INFO", f"MakerCsvView completed: 3 rows, {len(file)} bytes in ? s"),
    ]


def test_an_aborted_report_is_logged_once(db, client, settings, log):
    serve(settings, MakerCsvView)
    make(1000)
    response = client.get("/report/")
    first = next(iter(response))
    response.close()
    assert messages(log) == [
        ("INFO", f"MakerCsvView aborted: {rows_in(first)} rows, {len(first)} bytes in ? s"),
    ]


def test_a_failed_report_is_logged_once_as_an_error(db, client, settings, log):
    serve(settings, FailingCsvView, fails_at=150)
    make(250)
    blocks = iter(client.get("/report/"))
    first = next(blocks)
    with pytest.raises(LookupError) as raised:
        list(blocks)
    assert messages(log) == [
        ("ERROR", f"FailingCsvView failed: {rows_in(first)} rows, {len(first)} bytes in ? s"),
    ]
    (record,) = (record for record in log.records if record.name == "streamreports")
    assert record.exc_info[1] is raised.value


def test_the_log_record_has_the_request(db, rf, log):
    request = rf.get("/")
    read(respond(request))
    (record,) = (record for record in log.records if record.name == "streamreports")
    assert (record.request, record.exc_info) == (request, None)


def test_a_view_of_another_class_is_called_by_its_full_name(db, rf, log):
    class Local(MakerCsvView):
        pass

    read(Local.as_view()(rf.get("/")))
    name = f"{test_a_view_of_another_class_is_called_by_its_full_name.__name__}.<locals>.Local"
    assert messages(log) == [("INFO", f"{name} completed: 0 rows, 11 bytes in ? s")]


# The end: the connection


def use(response):
    read(response)


def abort(response):
    blocks = iter(response)
    next(blocks)
    next(blocks)
    response.close()


def drop(response):
    next(iter(response))


@pytest.mark.parametrize("end", [use, abort, drop])
def test_after_a_report_the_connection_reads_and_writes(own_connection, rf, end):
    make(1000)
    end(respond(rf.get("/")))
    gc.collect()
    make(1)
    assert Maker.objects.count() == 1001
    assert connection.in_atomic_block is False


@pytest.mark.parametrize("end", [use, abort, drop])
def test_after_a_report_no_transaction_is_open(own_connection, rf, end):
    make(1000)
    end(respond(rf.get("/")))
    gc.collect()
    assert (connections["default"], open_transactions()) == (own_connection, [])


def test_after_a_report_that_fails_no_transaction_is_open(own_connection, client, settings):
    serve(settings, FailingCsvView, fails_at=150)
    make(250)
    with pytest.raises(LookupError):
        read(client.get("/report/"))
    make(1)
    assert (Maker.objects.count(), open_transactions()) == (251, [])


def drop_in_another_thread(request):
    """Drop a report as a garbage collection that happens to run in another thread does.

    Return how many makers are counted there afterwards.
    """
    responses = [respond(request)]

    def drop():
        responses.clear()
        return Maker.objects.count()

    return in_thread(drop)


def test_a_report_that_is_dropped_in_another_thread_is_signalled(own_connection, rf, finished):
    make(1000)
    drop_in_another_thread(rf.get("/"))
    assert outcomes(finished) == ["aborted"]


def test_a_report_that_is_dropped_in_another_thread_leaves_no_transaction(own_connection, rf):
    make(1000)
    drop_in_another_thread(rf.get("/"))
    assert open_transactions() == []


def test_a_report_that_is_dropped_in_another_thread_does_not_break_that_one(own_connection, rf):
    make(1000)
    assert drop_in_another_thread(rf.get("/")) == 1000


def test_a_report_that_is_dropped_in_another_thread_does_not_break_this_one(own_connection, rf):
    make(1000)
    drop_in_another_thread(rf.get("/"))
    make(1)
    assert Maker.objects.count() == 1001


def kill(wrapper):
    """End the session of a connection from another, as the administrator of a database may."""
    pid = wrapper.connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


only_one_by_one = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="Other databases send all rows at once."
)


@only_one_by_one
def test_a_session_that_is_killed_fails_the_report_alone(own_connection, rf, finished):
    make(1000)
    response = respond(rf.get("/"))
    blocks = iter(response)
    next(blocks)
    kill(own_connection)
    with pytest.raises(OperationalError):
        list(blocks)
    response.close()
    assert outcomes(finished) == ["failed"]
    assert Maker.objects.count() == 1000


@only_one_by_one
def test_a_report_may_be_closed_after_its_session_was_killed(own_connection, rf, finished):
    make(1000)
    response = respond(rf.get("/"))
    next(iter(response))
    kill(own_connection)
    response.close()
    assert outcomes(finished) == ["aborted"]
    assert Maker.objects.count() == 1000


@pytest.mark.parametrize("end", [use, abort, drop])
def test_a_format_may_clean_up_whatever_ends_it(own_connection, rf, end):
    ends = []

    class TidyFormat(CsvFormat):
        def encode(self, columns, batches):
            try:
                yield from super().encode(columns, batches)
            finally:
                ends.append("tidied up")

    make(1000)
    end(respond(rf.get("/"), format_class=TidyFormat))
    gc.collect()
    assert ends == ["tidied up"]


@pytest.fixture
def archive(own_connection, monkeypatch):
    """Have the test database under a second name, and another connection to it."""
    monkeypatch.setitem(connections.settings, "archive", connections.settings["default"])
    yield "archive"
    hang_up("archive")
    del connections["archive"]


def test_a_report_may_be_of_another_database(archive, rf, finished):
    make(1000)
    response = respond(rf.get("/"), Maker.objects.using(archive).order_by("name"))
    file = read(response)
    assert (file, outcomes(finished)) == (body(1000), ["completed"])


def test_an_asynchronous_receiver_is_called(own_connection, rf):
    told = []

    async def receive(outcome, **kwargs):
        told.append(outcome)

    report_finished.connect(receive)
    try:
        read(respond(rf.get("/")))
    finally:
        report_finished.disconnect(receive)
    assert told == ["completed"]


def test_a_report_that_is_still_open_when_python_exits_is_no_trouble(tmp_path):
    code = """
import django
from django.conf import settings
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "a.sqlite3"}},
    INSTALLED_APPS=["django.contrib.contenttypes"],
)
django.setup()
from django.core.management import call_command
from django.test import RequestFactory
from streamreports.columns import Column
from streamreports.views import StreamingCsvView
from django.contrib.contenttypes.models import ContentType
call_command("migrate", verbosity=0)
ContentType.objects.bulk_create(ContentType(app_label="a", model=str(n)) for n in range(500))
view = StreamingCsvView.as_view(model=ContentType, columns=["model"])
response = view(RequestFactory().get("/"))
print(len(next(iter(response))) > 0)
"""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.stderr, result.returncode) == ("True\n", "", 0)


# Middleware around it


def test_middleware_that_fails_afterwards_gives_an_ordinary_server_error(
    own_connection, client, settings
):
    serve(settings, MakerCsvView, "fail_afterwards")
    client.raise_request_exception = False
    assert client.get("/report/").status_code == 500


@pytest.mark.parametrize("name", ["fail_afterwards", "replace"])
def test_a_response_that_middleware_throws_away_is_closed(
    own_connection, client, settings, finished, name
):
    serve(settings, MakerCsvView, name)
    make(1000)
    client.raise_request_exception = False
    client.get("/report/")
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])


@pytest.mark.parametrize("name", ["fail_afterwards", "replace"])
def test_a_response_that_middleware_throws_away_is_closed_under_asgi(
    own_connection, async_client, settings, finished, name
):
    serve(settings, MakerCsvView, name)
    make(1000)
    async_client.raise_request_exception = False
    async_to_sync(async_client.get)("/report/")
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])


class ThinksBetterOfItCsvView(MakerCsvView):
    """Make the response, then raise."""

    def get(self, request, *args, **kwargs):
        self.response = super().get(request, *args, **kwargs)
        raise LookupError("not today")


def test_a_view_that_raises_with_the_response_in_hand_closes_it(
    own_connection, client, settings, finished
):
    serve(settings, ThinksBetterOfItCsvView)
    make(1000)
    client.raise_request_exception = False
    client.get("/report/")
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])


def test_a_second_request_on_the_same_thread_gets_its_file(own_connection, client, settings):
    serve(settings, MakerCsvView)
    make(1000)
    assert [read(client.get("/report/")) for _ in range(2)] == [body(1000)] * 2


def test_two_downloads_at_once_on_the_same_thread_get_their_files(
    own_connection, client, settings, finished
):
    serve(settings, MakerCsvView)
    make(1000)
    first, second = client.get("/report/"), client.get("/report/")
    pairs = zip(first, second, strict=True)
    files = [b"".join(blocks) for blocks in zip(*pairs, strict=True)]
    assert files == [body(1000)] * 2
    assert (outcomes(finished), open_transactions()) == (["completed"] * 2, [])


def test_the_session_is_saved_while_the_report_is_open(own_connection, client, settings):
    serve(settings, MakerCsvView)
    settings.SESSION_SAVE_EVERY_REQUEST = True
    make(1000)
    session = client.session
    session["colour"] = "green"
    session.save()
    Session.objects.update(expire_date="2100-01-01 00:00Z")
    response = client.get("/report/")
    assert Session.objects.get().expire_date.year < 2100
    assert read(response) == body(1000)


def test_middleware_may_write_while_the_report_is_open(own_connection, client, settings):
    serve(settings, MakerCsvView, "write_afterwards")
    make(1000)
    assert read(client.get("/report/")) == body(1000)
    assert Maker.objects.filter(name="written by middleware").count() == 1


def test_middleware_may_write_while_the_report_is_open_under_asgi(
    own_connection, async_client, settings
):
    serve(settings, MakerCsvView, "write_afterwards")
    make(1000)
    assert fetch(async_client) == body(1000)
    assert Maker.objects.filter(name="written by middleware").count() == 1


def test_the_wrappers_of_outer_middleware_see_what_inner_middleware_writes(
    own_connection, client, settings, statements
):
    serve(settings, MakerCsvView, "activate_context", "write_afterwards")
    read(client.get("/report/"))
    assert [sql.split()[0] for sql in statements].count("INSERT") == 1


def test_middleware_may_roll_back_while_the_report_is_open(own_connection, client, settings):
    serve(settings, MakerCsvView, "roll_back_afterwards")
    make(1000)
    assert read(client.get("/report/")) == body(1000)
    assert Maker.objects.count() == 1000


def test_a_column_may_query_the_database(own_connection, client, settings):
    count = Column(lambda maker: Maker.objects.count(), label="count")
    serve(settings, MakerCsvView, columns=[count])
    make(150)
    assert read(client.get("/report/")) == b"count\r\n" + b"150\r\n" * 150


def test_a_compressed_report_is_the_same_file(own_connection, client, settings):
    serve(settings, MakerCsvView)
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware"]
    make(1000)
    response = client.get("/report/", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(read(response)) == body(1000)


def test_a_compressed_report_is_the_same_file_under_asgi(own_connection, async_client, settings):
    serve(settings, MakerCsvView)
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware"]
    make(1000)
    sent = fetch(async_client, **{"Accept-Encoding": "gzip"})
    # Before 6.0, Django compresses each block to a file of its own.
    assert (sent if django.VERSION < (6, 0) else gzip.decompress(sent)) == body(1000)


def test_a_compressed_report_that_is_aborted_is_signalled(
    own_connection, client, settings, finished
):
    serve(settings, MakerCsvView)
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware"]
    make(1000)
    response = client.get("/report/", headers={"Accept-Encoding": "gzip"})
    next(iter(response))
    response.close()
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])


def test_conditional_get_middleware_leaves_the_report_alone(db, client, settings):
    serve(settings, MakerCsvView)
    settings.MIDDLEWARE = ["django.middleware.http.ConditionalGetMiddleware"]
    response = client.get("/report/", headers={"If-None-Match": "*"})
    assert (response.status_code, "ETag" in response.headers) == (200, False)
    assert read(response) == body(0)


def test_common_middleware_adds_no_length(db, client, settings):
    serve(settings, MakerCsvView)
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    response = client.get("/report/")
    assert "Content-Length" not in response.headers
    assert read(response) == body(0)


# HEAD


def test_head_sends_the_headers_of_get(db, client, settings):
    serve(settings, MakerCsvView)
    assert dict(client.head("/report/").headers) == dict(client.get("/report/").headers)


def test_head_sends_the_headers_of_get_under_asgi(db, async_client, settings):
    serve(settings, MakerCsvView)
    head = async_to_sync(async_client.head)("/report/")
    get = async_to_sync(async_client.get)("/report/")
    assert dict(head.headers) == dict(get.headers)


def test_head_runs_no_query(rf):
    """The database is closed to tests that do not ask for it."""
    assert read(respond(rf.head("/"))) == b""


def test_head_runs_no_query_under_asgi(async_rf):
    response = respond(async_rf.head("/"))

    @async_to_sync
    async def blocks():
        return [block async for block in response]

    assert blocks() == []


def test_head_is_no_report_that_was_begun(db, rf, finished, log):
    response = respond(rf.head("/"))
    read(response)
    response.close()
    assert (finished, messages(log)) == ([], [])


def test_head_names_what_is_wrong(rf):
    with pytest.raises(ImproperlyConfigured, match="'nmae' is not a field"):
        respond(rf.head("/"), columns=["nmae"])
