import gzip

import django
import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session

from streamreports.columns import Column
from tests.connections import open_transactions
from tests.models import Maker
from tests.responses.helpers import fetch, outcomes, read, serve
from tests.views import MakerCsvView, body, make

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
