"""Streams inside transaction.atomic, which would end between two of their pieces."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, connections, transaction

from streamreports.exceptions import TransactionError
from streamreports.shortcuts import stream
from tests.connections import hang_up
from tests.models import Maker
from tests.streams.support import AsyncMakersView, MakersView, body, makers_view, save, serve

both = pytest.mark.parametrize("view_class", [MakersView, AsyncMakersView])


@pytest.fixture
def _atomic_requests(monkeypatch):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)


@both
@pytest.mark.usefixtures("_atomic_requests")
def test_the_view_is_exempt_from_atomic_requests(own_connection, client, settings, view_class):
    """Rows of a query that is begun in the view are read after it has returned."""
    names = [f"{number:04d}" for number in range(350)]
    save(*names)
    serve(settings, view_class)
    assert b"".join(client.get("/report/")) == body(*names)


@pytest.mark.usefixtures("_atomic_requests")
def test_a_function_is_refused(own_connection, client, settings):
    save("Ann")
    serve(settings, makers_view)
    with pytest.raises(TransactionError) as raised:
        client.get("/report/")
    assert str(raised.value) == (
        "makers_view runs inside transaction.atomic, which ends before all of it is sent. Remove"
        " transaction.atomic from the view and its decorators. If ATOMIC_REQUESTS is set, decorate"
        " the view with transaction.non_atomic_requests, and use functools.wraps in each decorator"
        " around it."
    )


@pytest.mark.usefixtures("_atomic_requests")
def test_a_function_is_refused_under_asgi(own_connection, async_client, settings):
    save("Ann")
    serve(settings, makers_view)
    with pytest.raises(TransactionError):
        async_to_sync(async_client.get)("/report/")


@pytest.mark.usefixtures("_atomic_requests")
def test_the_cure_of_the_message_works(own_connection, client, settings):
    save("Ann")
    serve(settings, transaction.non_atomic_requests(lambda request: makers_view(request)))
    assert b"".join(client.get("/report/")) == body("Ann")


@both
def test_after_a_refused_stream_the_connection_works(own_connection, rf, finished, view_class):
    with pytest.raises(TransactionError):
        transaction.atomic(view_class.as_view())(rf.get("/"))
    save("Ann")
    assert (Maker.objects.count(), connection.in_atomic_block) == (1, False)
    assert [sent["outcome"] for sent in finished] == ["failed"]


def test_a_transaction_on_another_database_is_refused_too(own_connection, rf, monkeypatch):
    """The queries of the generator may use any database."""
    monkeypatch.setitem(connections.settings, "other", connections.settings["default"])
    try:
        with transaction.atomic("other"), pytest.raises(TransactionError):
            stream(rf.get("/"), iter("ab"))
    finally:
        hang_up("other")
        del connections["other"]


@both
def test_the_transaction_of_a_test_case_is_no_obstacle(db, rf, view_class):
    save("Ann")
    assert connection.in_atomic_block
    assert b"".join(view_class.as_view()(rf.get("/"))) == body("Ann")
