import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from tests.connections import open_transactions
from tests.models import Maker
from tests.responses.helpers import read, respond, serve
from tests.views import FailingCsvView, MakerCsvView, make

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
