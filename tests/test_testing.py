"""The helpers that streamreports.test offers to the tests of projects."""

import csv
import datetime
import io
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat, Echo, ExcelCsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.test import assert_report, assert_streams, read_csv
from streamreports.views import StreamingCsvView, StreamingView
from tests.models import Maker
from tests.views import MakerCsvView, PlainCsvView, get, make, save


@pytest.fixture(autouse=True)
def _database(request):
    """Give every test the database, most of them in a transaction."""
    if "own_connection" not in request.fixturenames:
        request.getfixturevalue("db")


def responded(text, **kwargs):
    """Return a response with some text."""
    return HttpResponse(text, **{"content_type": "text/csv", **kwargs})


def failure(function, *arguments, **kwargs):
    """Return the message of the failure of a helper."""
    with pytest.raises(AssertionError) as raised:
        function(*arguments, **kwargs)
    return str(raised.value)


class SizeView(PlainCsvView):
    columns = ["name", "size"]
    ordering = ["name"]


# Reading


def test_rows_are_dictionaries_by_header(rf):
    save("Ann", "Bob, Inc.", size=1)
    assert read_csv(get(rf, SizeView)) == [
        {"Name": "Ann", "Size": "1"},
        {"Name": "Bob, Inc.", "Size": "1"},
    ]


def test_a_report_without_rows_has_none(rf):
    assert read_csv(get(rf, SizeView)) == []


def test_a_compressed_report_is_read(rf):
    save("Ann", size=1)
    request = rf.get("/", headers={"Accept-Encoding": "gzip"})
    response = SizeView.as_view(compression=True)(request)
    assert response.headers["Content-Encoding"] == "gzip"
    assert read_csv(response) == [{"Name": "Ann", "Size": "1"}]


def test_a_compressed_file_is_read(rf):
    save("Ann", size=1)
    response = get(rf, SizeView, formats=[gzipped(CsvFormat)])
    assert read_csv(response) == [{"Name": "Ann", "Size": "1"}]


def test_the_response_of_a_client_is_read(client, settings):
    settings.ROOT_URLCONF = (path("report/", SizeView.as_view()),)
    save("Ann", size=1)
    assert read_csv(client.get("/report/")) == [{"Name": "Ann", "Size": "1"}]


def test_a_response_can_be_read_twice(rf):
    save("Ann", size=1)
    response = get(rf, SizeView)
    assert read_csv(response) == read_csv(response) != []


def test_the_response_of_an_asynchronous_client_is_read(async_client, settings):
    settings.ROOT_URLCONF = (path("report/", SizeView.as_view()),)
    save("Ann", size=1)
    response = async_to_sync(async_client.get)("/report/")
    assert read_csv(response) == [{"Name": "Ann", "Size": "1"}]


def test_an_asynchronous_test_reads_in_a_thread(async_client, settings):
    settings.ROOT_URLCONF = (path("report/", SizeView.as_view()),)
    save("Ann", size=1)

    async def test():
        response = await async_client.get("/report/")
        assert failure(read_csv, response) == (
            "In an asynchronous test, call this through sync_to_async()."
        )
        assert await sync_to_async(read_csv)(response) == [{"Name": "Ann", "Size": "1"}]

    async_to_sync(test)()


def test_a_response_that_is_no_report_is_read():
    assert read_csv(responded("a,b\n1,2")) == [{"a": "1", "b": "2"}]
    response = StreamingHttpResponse(iter(["a\n", "1\n"]), content_type="text/csv")
    assert read_csv(response) == [{"a": "1"}]


def test_the_charset_of_the_response_is_used():
    response = responded("é\nü".encode("latin-1"), content_type="text/csv; charset=iso-8859-1")
    assert read_csv(response) == [{"é": "ü"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_a_byte_order_mark_is_removed(rf, encoding):
    class MarkedFormat(CsvFormat):
        bom = encoding == "utf-8"

    MarkedFormat.encoding = encoding
    save("Ann")
    assert read_csv(get(rf, PlainCsvView, formats=[MarkedFormat])) == [{"Name": "Ann"}]


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_the_delimiter_is_found(delimiter):
    text = f'"a,;|\nb"{delimiter}c{delimiter}d\n1{delimiter}",,,"{delimiter}3\n'
    assert read_csv(responded(text)) == [{"a,;|\nb": "1", "c": ",,,", "d": "3"}]


def test_the_delimiter_is_that_of_the_format(rf):
    column = Column("name", label="Name; first; last")
    assert read_csv(get(rf, SizeView, columns=[column, "size"])) == []
    save("Ann", size=1)
    (row,) = read_csv(get(rf, SizeView, columns=[column, "size"]))
    assert row == {"Name; first; last": "Ann", "Size": "1"}


def test_the_delimiter_may_depend_on_the_locale(rf):
    class GermanFormat(ExcelCsvFormat):
        locale = "de"

    save("Ann, Bob", size=1)
    (row,) = read_csv(get(rf, SizeView, formats=[GermanFormat]))
    assert row == {"Name": "Ann, Bob", "Size": "1"}


def test_the_delimiter_may_be_given():
    assert read_csv(responded("a:b,c\n1:2"), delimiter=":") == [{"a": "1", "b,c": "2"}]


def test_a_report_without_header_is_read_by_its_labels(rf):
    class BareFormat(CsvFormat):
        header = False

    save("Ann", size=1)
    assert read_csv(get(rf, SizeView, formats=[BareFormat])) == [{"Name": "Ann", "Size": "1"}]


def test_values_may_have_line_ends(rf):
    save("a\r\nb\nc")
    assert read_csv(get(rf, PlainCsvView)) == [{"Name": "a\r\nb\nc"}]


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (HttpResponseRedirect("/login/"), "The response is 302 Found, to /login/."),
        (
            HttpResponse("<p>No  way</p>", status=400),
            "The response is 400 Bad Request. It says: No way",
        ),
        (HttpResponse(status=403), "The response is 403 Forbidden."),
        (HttpResponse("<p>"), "The response is a page."),
        (HttpResponse("<p>", content_type="application/xhtml+xml"), "The response is a page."),
        (responded(""), "The file is empty, or the response was read before."),
        (responded("a,b,a\n"), "Several columns are called 'a'."),
        (responded("a,b\n1,2\n3\n"), "Row 2 has 1 cells, not 2: ['3']."),
    ],
)
def test_what_is_no_csv_file_fails(response, message):
    assert failure(read_csv, response) == message


# Comparing


TWO = "Name,Size\r\nAnn,1\r\nBob,\r\n"


def test_a_report_that_is_as_expected_passes():
    rows = [{"Name": "Ann", "Size": "1"}, {"Size": "", "Name": "Bob"}]
    assert_report(responded(TWO), rows)
    assert_report(responded(TWO), iter(rows))


def test_values_stand_for_what_a_report_prints(rf):
    text = 'A,B,C,D\r\n1,1.50,True,2026-11-20\r\n,"\'=1",,\r\n'
    rows = [
        {"A": 1, "B": Decimal("1.50"), "C": True, "D": datetime.date(2026, 11, 20)},
        {"A": None, "B": "'=1", "C": None, "D": None},
    ]
    assert_report(responded(text), rows)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "Row 1 was not expected: {'Name': 'Ann', 'Size': '1'}."),
        ([{"Name": "Ann", "Size": 1}], "Row 2 was not expected: {'Name': 'Bob', 'Size': ''}."),
        ([{"Name": "Ann", "Size": 2}], "Row 1, Size: '1', not '2'."),
        (
            [{"Name": "Ann", "Size": 1}, {"Name": "bob", "Size": None}],
            "Row 2, Name: 'Bob', not 'bob'.",
        ),
        ([{"Name": "Ann"}], "Row 1 has the columns ['Name', 'Size'], not ['Name']."),
        (
            [{"Name": "Ann", "Size": 1}, {"Name": "Bob", "Size": ""}, {"Name": "C", "Size": 2}],
            "Row 3 is missing: {'Name': 'C', 'Size': '2'}.",
        ),
    ],
)
def test_the_first_difference_is_shown(rows, message):
    assert failure(assert_report, responded(TWO), rows) == message


# Streaming


FEW = (
    "All rows ({}) were read before any were sent. Either the format keeps them, or they are few:"
    " create more than fit into buffered_up_to (64 KiB by default)."
).format
AT_ONCE = (
    "The rows of each query were read at once. Either the view loads them all, or they are few: use"
    " QuerySet.iterator(), and create more rows than its chunk_size."
)
BEFORE = "No rows were read while the file was sent: it was made before."


def streaming(blocks):
    return StreamingHttpResponse(blocks, content_type="text/csv")


def lines(rows):
    """Yield CSV as the documentation of Django does."""
    writer = csv.writer(Echo())
    yield writer.writerow(["name"])
    for row in rows:
        yield writer.writerow(row)


def test_a_report_streams(rf):
    make(1000)
    response = get(rf, StreamingCsvView, model=Maker, columns=["name", "size"])
    assert_streams(response)
    assert len(read_csv(response)) == 1000


def test_a_report_of_instances_streams(rf):
    make(1000)
    assert_streams(get(rf, StreamingCsvView, model=Maker, columns=["shout"]))


def test_a_report_streams_outside_of_a_transaction(own_connection, rf):
    """PostgreSQL writes it by COPY."""
    make(1000)
    assert_streams(get(rf, MakerCsvView))


def test_a_report_streams_to_an_asynchronous_client(async_client, settings):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    make(5000)
    assert_streams(async_to_sync(async_client.get)("/report/"))


def test_a_report_of_few_rows_shows_no_streaming(rf):
    make(3)
    assert failure(assert_streams, get(rf, PlainCsvView)) == FEW(3)


def test_a_header_that_is_sent_early_is_no_streaming(rf):
    make(3)
    assert failure(assert_streams, get(rf, PlainCsvView, early_header=True)) == FEW(3)


def test_a_format_that_keeps_its_rows_does_not_stream(rf):
    class KeepingFormat(CsvFormat):
        def encode(self, columns, batches):
            yield b"".join(list(super().encode(columns, batches)))

    make(1000)
    response = get(rf, PlainCsvView, formats=[KeepingFormat], buffered_up_to=0)
    assert failure(assert_streams, response) == FEW(1000)


def test_a_response_in_memory_does_not_stream():
    assert failure(assert_streams, responded("a\n")) == (
        "The response is not streaming: the whole file is in memory."
    )


def test_a_file_in_memory_does_not_stream():
    make(3)
    file = io.StringIO("".join(lines(Maker.objects.values_list("name"))))
    assert failure(assert_streams, streaming(file)) == BEFORE
    assert failure(assert_streams, streaming(list(file))) == BEFORE


def test_an_iterator_streams():
    make(30)
    rows = Maker.objects.values_list("name").iterator(chunk_size=10)
    response = streaming(lines(rows))
    assert_streams(response)
    assert len(read_csv(response)) == 30


def test_an_iterator_of_few_rows_shows_no_streaming():
    make(3)
    rows = Maker.objects.values_list("name").iterator(chunk_size=10)
    assert failure(assert_streams, streaming(lines(rows))) == AT_ONCE


def test_a_queryset_that_is_loaded_does_not_stream():
    make(300)
    rows = Maker.objects.values_list("name")
    assert failure(assert_streams, streaming(lines(rows))) == AT_ONCE


def test_a_queryset_that_is_loaded_does_not_stream_with_more_queries():
    """A query for each row is no portion of another one."""
    make(30)
    rows = (
        [maker.name, Maker.objects.filter(pk=maker.pk).get().size] for maker in Maker.objects.all()
    )
    assert failure(assert_streams, streaming(lines(rows))) == AT_ONCE


def test_an_asynchronous_iterator_streams():
    async def blocks():
        async for maker in Maker.objects.aiterator(chunk_size=10):
            yield f"{maker.name}\n"

    make(30)
    assert_streams(streaming(blocks()))


def test_a_response_that_was_read_cannot_show_streaming(rf):
    response = get(rf, PlainCsvView)
    read_csv(response)
    assert failure(assert_streams, response) == (
        "The response has been read already. Call assert_streams() first."
    )


def test_a_redirect_does_not_stream():
    assert failure(assert_streams, HttpResponseRedirect("/")) == (
        "The response is 302 Found, to /."
    )


def test_a_view_of_pieces_streams(rf):
    class PiecesView(StreamingView):
        content_type = "text/csv"

        def generate(self):
            yield from lines(Maker.objects.values_list("name").iterator(chunk_size=10))

    make(30)
    assert_streams(get(rf, PiecesView))
    make(300)
    PiecesView.generate = lambda view: lines(Maker.objects.values_list("name"))
    assert failure(assert_streams, get(rf, PiecesView)) == AT_ONCE
