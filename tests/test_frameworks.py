"""Reports from views of Django REST framework, where it is installed."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from django.db import connections, transaction
from django.urls import path
from django.utils.decorators import method_decorator

from streamreports.exceptions import TransactionError
from streamreports.shortcuts import stream_report
from tests.asgi import HANGS
from tests.models import Maker
from tests.views import body, make

pytest.importorskip("rest_framework")

from rest_framework.decorators import action, api_view
from rest_framework.viewsets import ViewSet


def stream(request):
    return stream_report(request, Maker.objects.order_by("name"), ["name", "size"])


@api_view(["GET"])
def makers(request):
    return stream(request)


class MakerViewSet(ViewSet):
    @action(detail=False)
    def report(self, request):
        return stream(request)


VIEWS = pytest.mark.parametrize(
    ("view", "sender"),
    [(makers, "makers"), (MakerViewSet.as_view({"get": "report"}), "MakerViewSet")],
    ids=["api_view", "action"],
)


@pytest.fixture(autouse=True)
def _no_permissions(settings):
    settings.MIDDLEWARE = []
    settings.REST_FRAMEWORK = {
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
    }


@VIEWS
def test_a_view_sends_a_report(own_connection, client, settings, finished, view, sender):
    settings.ROOT_URLCONF = (path("report/", view),)
    make(1000)
    assert b"".join(client.get("/report/")) == body(1000)
    (sent,) = finished
    assert (sent["outcome"], sent["sender"].__name__) == ("completed", sender)


@VIEWS
def test_a_view_sends_a_report_under_asgi(own_connection, async_client, settings, view, sender):
    settings.ROOT_URLCONF = (path("report/", view),)
    make(1000)

    @async_to_sync
    async def fetch():
        async with asyncio.timeout(HANGS):
            response = await async_client.get("/report/")
            assert response.is_async
            return b"".join([block async for block in response])

    assert fetch() == body(1000)


@pytest.fixture
def _atomic_requests(monkeypatch):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)


@pytest.mark.usefixtures("_atomic_requests")
def test_a_view_with_atomic_requests_is_refused(own_connection, client, settings):
    settings.ROOT_URLCONF = (path("report/", makers),)
    make(1000)
    with pytest.raises(TransactionError):
        client.get("/report/")


@pytest.mark.usefixtures("_atomic_requests")
def test_a_view_that_opts_out_of_atomic_requests_sends_a_report(own_connection, client, settings):
    @method_decorator(transaction.non_atomic_requests, name="dispatch")
    class View(MakerViewSet):
        pass

    settings.ROOT_URLCONF = (path("report/", View.as_view({"get": "report"})),)
    make(1000)
    assert b"".join(client.get("/report/")) == body(1000)
