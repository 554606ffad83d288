"""Reports inside transaction.atomic, which ends before their rows are read."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, connections, transaction
from django.test import TestCase
from django.urls import path

from streamreports.exceptions import TransactionError
from tests.models import Maker
from tests.views import MakerCsvView, body, make

MESSAGE = (
    "MakerCsvView runs inside transaction.atomic, which ends before all of it is sent. Remove"
    " transaction.atomic from the view and its decorators. If ATOMIC_REQUESTS is set, decorate the"
    " view with transaction.non_atomic_requests, and use functools.wraps in each decorator around"
    " it."
)


@pytest.fixture
def _atomic_requests(monkeypatch):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)


def unwrapped(view):
    """Wrap a view as decorators do that do not use functools.wraps."""
    return lambda *args, **kwargs: view(*args, **kwargs)


def test_a_report_in_a_transaction_is_refused(own_connection, rf):
    make(1000)
    with pytest.raises(TransactionError) as raised:
        transaction.atomic(MakerCsvView.as_view())(rf.get("/report/"))
    assert str(raised.value) == MESSAGE


def test_a_refused_report_is_an_ordinary_server_error(own_connection, client, settings):
    settings.ROOT_URLCONF = (path("report/", transaction.atomic(MakerCsvView.as_view())),)
    settings.MIDDLEWARE = []
    make(1000)
    client.raise_request_exception = False
    response = client.get("/report/")
    assert (response.status_code, response.streaming) == (500, False)


def test_a_refused_report_has_failed(own_connection, rf, finished):
    make(1000)
    with pytest.raises(TransactionError) as raised:
        transaction.atomic(MakerCsvView.as_view())(rf.get("/report/"))
    (sent,) = finished
    assert (sent["outcome"], sent["exception"]) == ("failed", raised.value)
    assert (sent["rows"], sent["bytes"]) == (0, 0)


def test_after_a_refused_report_the_connection_works(own_connection, rf):
    make(1000)
    with pytest.raises(TransactionError):
        transaction.atomic(MakerCsvView.as_view())(rf.get("/report/"))
    make(1)
    assert (Maker.objects.count(), connection.in_atomic_block) == (1001, False)


@pytest.mark.usefixtures("_atomic_requests")
def test_a_decorator_that_hides_the_view_from_atomic_requests_is_refused(
    own_connection, client, settings
):
    settings.ROOT_URLCONF = (path("report/", unwrapped(MakerCsvView.as_view())),)
    settings.MIDDLEWARE = []
    make(1000)
    with pytest.raises(TransactionError):
        client.get("/report/")


@pytest.mark.usefixtures("_atomic_requests")
def test_a_decorator_that_hides_the_view_is_refused_under_asgi(
    own_connection, async_client, settings
):
    settings.ROOT_URLCONF = (path("report/", unwrapped(MakerCsvView.as_view())),)
    settings.MIDDLEWARE = []
    make(1000)
    with pytest.raises(TransactionError):
        async_to_sync(async_client.get)("/report/")


@pytest.mark.usefixtures("_atomic_requests")
def test_the_cure_of_the_message_works(own_connection, client, settings):
    view = transaction.non_atomic_requests(unwrapped(MakerCsvView.as_view()))
    settings.ROOT_URLCONF = (path("report/", view),)
    settings.MIDDLEWARE = []
    make(1000)
    assert b"".join(client.get("/report/")) == body(1000)


def test_a_small_report_in_a_transaction_is_sent_with_a_warning(own_connection, rf, caplog):
    make(3)
    view = transaction.atomic(MakerCsvView.as_view(buffered_up_to=10_000))
    response = view(rf.get("/report/"))
    assert b"".join(response) == body(3)
    assert response.headers["Content-Length"] == str(len(body(3)))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", f"{MESSAGE} It will fail when it no longer fits into buffered_up_to.")
    ]


def test_a_small_report_is_made_completely_however_long_it_takes(own_connection, rf, monkeypatch):
    """Whether a report in a transaction is refused depends on its size alone."""
    monkeypatch.setattr("streamreports.streaming.body.BUFFER_SECONDS", -1)
    make(1000)
    view = transaction.atomic(MakerCsvView.as_view(buffered_up_to=10**6))
    assert b"".join(view(rf.get("/report/"))) == body(1000)


def test_a_report_without_a_transaction_logs_no_warning(own_connection, rf, caplog):
    make(3)
    b"".join(MakerCsvView.as_view(buffered_up_to=10_000)(rf.get("/report/")))
    assert caplog.records == []


def test_a_head_request_in_a_transaction_is_answered(own_connection, rf):
    view = transaction.atomic(MakerCsvView.as_view())
    assert view(rf.head("/report/")).status_code == 200


def test_the_transaction_of_a_test_case_is_no_obstacle(db, rf, caplog):
    make(1000)
    assert connection.in_atomic_block
    assert b"".join(MakerCsvView.as_view()(rf.get("/report/"))) == body(1000)
    assert caplog.records == []


def test_a_transaction_in_a_test_case_is_refused(db, rf):
    make(1000)
    with pytest.raises(TransactionError):
        transaction.atomic(MakerCsvView.as_view())(rf.get("/report/"))


class InATestCaseTests(TestCase):
    """Django's own test case, with its transactions of the class and of the test."""

    @classmethod
    def setUpTestData(cls):
        make(1000)

    def test_a_report_is_sent(self):
        with self.settings(ROOT_URLCONF=(path("report/", MakerCsvView.as_view()),), MIDDLEWARE=[]):
            assert b"".join(self.client.get("/report/")) == body(1000)
