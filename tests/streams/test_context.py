"""What of the request is in force while pieces are made."""

from contextvars import copy_context

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone, translation

from streamreports.views import StreamingView
from tests import middleware
from tests.asgi import Exchange
from tests.models import Maker
from tests.responses.asgi.helpers import run
from tests.streams.support import serve


def context(request):
    zone = timezone.get_current_timezone_name()
    return f"{request.path} {translation.get_language()} {zone} {middleware.tenant.get()}\n"


class ContextView(StreamingView):
    """Say what is in force, three times."""

    content_type = "text/plain"

    def generate(self):
        for _ in range(3):
            Maker.objects.count()
            yield context(self.request)


class AsyncContextView(ContextView):
    async def generate(self):
        for _ in range(3):
            await Maker.objects.acount()
            yield context(self.request)


both = pytest.mark.parametrize("view_class", [ContextView, AsyncContextView])

IN_FORCE = b"/report/ de Asia/Tokyo acme\n" * 3


@pytest.fixture(autouse=True)
def statements():
    middleware.statements.clear()
    return middleware.statements


@both
def test_the_context_of_the_request_is_active(own_connection, client, settings, view_class):
    serve(settings, view_class, "activate_context")
    assert b"".join(client.get("/report/")) == IN_FORCE


@both
def test_the_context_of_the_request_is_active_under_asgi(own_connection, settings, view_class):
    serve(settings, view_class, "activate_context")
    assert run(Exchange("/report/")).body == IN_FORCE


@both
def test_execute_wrappers_of_the_request_see_its_queries(
    own_connection, client, settings, statements, view_class
):
    serve(settings, view_class, "activate_context")
    b"".join(client.get("/report/"))
    assert len([sql for sql in statements if "COUNT" in sql]) == 3


@both
def test_execute_wrappers_of_the_request_see_its_queries_under_asgi(
    own_connection, settings, statements, view_class
):
    serve(settings, view_class, "activate_context")
    run(Exchange("/report/"))
    assert len([sql for sql in statements if "COUNT" in sql]) == 3


@both
def test_the_context_does_not_leak(own_connection, client, settings, view_class):
    serve(settings, view_class, "activate_context")
    for _ in client.get("/report/"):
        assert (translation.get_language(), middleware.tenant.get()) == ("en", "nobody")


def test_variables_of_a_view_are_seen(own_connection, settings):
    """An asynchronous view sets its variables where the shortcut is called."""
    from streamreports.shortcuts import stream

    async def generate():
        yield middleware.tenant.get()

    async def view(request):
        middleware.tenant.set("of the view")
        return await sync_to_async(stream)(request, generate())

    serve(settings, view)
    exchange = copy_context().run(run, Exchange("/report/"))
    assert exchange.body == b"of the view"
