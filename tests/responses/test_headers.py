from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.utils import translation
from django.utils.translation import gettext_lazy

from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from tests.responses.helpers import fetch, messages, read, respond, serve
from tests.views import MakerCsvView, body, make

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
