"""Compressed reports on WSGI."""

import gzip
import zlib

import pytest
from django.views.generic import View

from streamreports.exceptions import ReportError
from streamreports.formats.csv import CsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.shortcuts import stream_report
from tests.connections import open_transactions
from tests.models import Maker
from tests.responses.helpers import outcomes, read, serve
from tests.views import FailingCsvView, MakerCsvView, body, make

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware"]


class CompressedCsvView(MakerCsvView):
    compression = True


class CompressedFailingCsvView(FailingCsvView):
    compression = True


class HtmlFormat(CsvFormat):
    name = "html"
    content_type = "text/html"


def headers_of(response, *names):
    return {name: response.headers[name] for name in names if name in response.headers}


def get(client, **headers):
    return client.get("/report/", headers={**GZIP, **headers})


def start_of(sent):
    """Return what can be read of the start of a file; it must not have its end."""
    reader = zlib.decompressobj(wbits=31)
    start = reader.decompress(sent)
    assert not reader.eof
    return start


def test_reports_are_not_compressed_by_default(own_connection, client, settings):
    serve(settings, MakerCsvView)
    response = get(client)
    assert headers_of(response, "Content-Encoding", "Vary") == {}
    assert read(response) == body(0)


def test_a_client_that_accepts_gzip_gets_it(own_connection, client, settings):
    serve(settings, CompressedCsvView)
    make(1000)
    response = get(client)
    assert headers_of(response, "Content-Encoding", "Content-Length", "Vary") == {
        "Content-Encoding": "gzip",
        "Vary": "Accept-Encoding",
    }
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="makers.csv"'
    assert gzip.decompress(read(response)) == body(1000)


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "br"])
def test_other_clients_get_the_file_as_it_is(own_connection, client, settings, accepted):
    serve(settings, CompressedCsvView)
    make(1000)
    response = get(client, **{"Accept-Encoding": accepted})
    assert headers_of(response, "Content-Encoding", "Vary") == {"Vary": "Accept-Encoding"}
    assert read(response) == body(1000)


def test_the_first_block_can_be_read_before_the_second_is_made(own_connection, client, settings):
    serve(settings, CompressedCsvView)
    make(1000)
    response = get(client)
    first = start_of(next(iter(response)))
    assert body(1000).startswith(first)
    assert first.count(b"\r\n") >= response.body.rows > 0
    response.close()


def test_an_early_header_can_be_read_at_once(own_connection, client, settings):
    serve(settings, CompressedCsvView, early_header=True)
    response = get(client)
    assert start_of(next(iter(response))) == b"Name,Size"
    response.close()


def test_the_length_of_a_small_report_is_that_of_what_is_sent(own_connection, client, settings):
    serve(settings, CompressedCsvView, buffered_up_to=64 * 1024)
    make(1000)
    response = get(client)
    sent = read(response)
    assert int(response.headers["Content-Length"]) == len(sent) < len(body(1000))
    assert gzip.decompress(sent) == body(1000)


def test_head_has_the_headers_of_get(own_connection, client, settings, finished):
    serve(settings, CompressedCsvView)
    got, head = get(client), client.head("/report/", headers=GZIP)
    assert dict(head.headers) == dict(got.headers)
    assert read(head) == b""
    got.close()
    assert len(finished) == 1


@pytest.mark.parametrize("buffered_up_to", [0, 10**6])
def test_the_bytes_of_the_signal_are_those_that_were_sent(
    own_connection, client, settings, finished, buffered_up_to
):
    serve(settings, CompressedCsvView, buffered_up_to=buffered_up_to)
    make(1000)
    sent = read(get(client))
    assert [(end["outcome"], end["rows"], end["bytes"]) for end in finished] == [
        ("completed", 1000, len(sent))
    ]


# The end


def test_a_report_that_fails_has_no_end(own_connection, client, settings, finished):
    serve(settings, CompressedFailingCsvView, fails_at=900)
    make(1000)
    blocks = []
    with pytest.raises(LookupError):
        blocks.extend(get(client))
    sent = b"".join(blocks)
    start = start_of(sent)
    assert body(1000).startswith(start)
    assert not start.endswith(b"\r\n")
    assert (outcomes(finished), finished[0]["bytes"]) == (["failed"], len(sent))
    assert open_transactions() == []


def test_a_report_that_fails_at_once_is_an_error_page_without_encoding(
    own_connection, client, settings
):
    serve(settings, CompressedFailingCsvView, fails_at=0)
    make(1000)
    client.raise_request_exception = False
    response = get(client)
    assert response.status_code == 500
    assert "Content-Encoding" not in response.headers


def test_a_client_that_leaves_ends_the_report(own_connection, client, settings, finished):
    serve(settings, CompressedCsvView)
    make(1000)
    response = get(client)
    next(iter(response))
    response.close()
    assert (outcomes(finished), open_transactions()) == (["aborted"], [])


# GZipMiddleware


def test_the_middleware_compresses_nothing_again(own_connection, client, settings):
    serve(settings, CompressedCsvView)
    settings.MIDDLEWARE = MIDDLEWARE
    make(1000)
    response = get(client)
    assert response.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(read(response)) == body(1000)


def test_the_middleware_leaves_compressed_files_alone(own_connection, client, settings):
    serve(settings, CompressedCsvView, formats=[gzipped(CsvFormat)])
    settings.MIDDLEWARE = MIDDLEWARE
    make(1000)
    response = get(client)
    assert "Content-Encoding" not in response.headers
    assert gzip.decompress(read(response)) == body(1000)


# HTML


class SecretHtmlFormat(CsvFormat):
    name = "secret"

    def get_content_type(self):
        return "text/html; charset=utf-8"


@pytest.mark.parametrize("format_class", [HtmlFormat, SecretHtmlFormat])
def test_html_is_not_compressed(own_connection, client, settings, format_class):
    serve(settings, CompressedCsvView, formats=[format_class])
    response = get(client)
    assert headers_of(response, "Content-Encoding", "Vary") == {}
    assert read(response) == body(0)


# Function views


def function_view(**kwargs):
    class FunctionView(View):
        def get(self, request):
            makers = Maker.objects.order_by("name")
            return stream_report(request, makers, ["name", "size"], **kwargs)

    return FunctionView


def test_the_shortcut_compresses(own_connection, client, settings):
    serve(settings, function_view(compression=True))
    make(1000)
    response = get(client)
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(read(response)) == body(1000)


@pytest.mark.parametrize(
    ("kwargs", "problem"),
    [
        ({"compression": "gzip"}, "stream_report().compression is 'gzip'."),
        (
            {"compression": True, "format": HtmlFormat},
            "stream_report().compression has no effect on HtmlFormat.",
        ),
    ],
)
def test_the_shortcut_refuses_an_invalid_compression(client, settings, kwargs, problem):
    serve(settings, function_view(**kwargs))
    with pytest.raises(ReportError) as caught:
        get(client)
    assert caught.value.problem == problem


def test_a_view_refuses_an_invalid_compression(db, client, settings):
    serve(settings, MakerCsvView, compression="gzip")
    with pytest.raises(ReportError, match=r"^MakerCsvView\.compression is 'gzip'\. Use True or"):
        get(client)
