"""Reports never take the last connection of a pool."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.checks import Error
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.urls import path

from streamreports.backends.registry import get_backend
from streamreports.checks import check_report_views
from streamreports.exceptions import PoolError
from streamreports.streaming.connections import (
    ReservedConnection,
    get_pool_limit,
    return_pooled_connections,
)
from streamreports.streaming.slots import acquire_slot
from tests.asgi import Exchange
from tests.models import Maker
from tests.views import MakerCsvView, body, make

LONG = 60  # seconds: never waited for unless something is wrong
TOO_SMALL = (
    "The connection pool of the database 'default' has a max_size of 1. A report never takes the"
    " last connection of a pool."
)
HINT = (
    "Set DATABASES['default']['OPTIONS']['pool']['max_size'] to at least 2: the number of"
    " concurrent reports per process, plus one."
)

only_where_reserved = pytest.mark.skipif(
    get_backend(connection).features.leaves_connection_free,
    reason="Reports leave its connection free.",
)


class FakePool:
    def __init__(self, max_size):
        self.max_size = max_size


@pytest.fixture
def pool(monkeypatch):
    """Return what pretends that the default database has a pool of a size."""

    def pretend(max_size):
        fake = FakePool(max_size)
        monkeypatch.setattr("streamreports.streaming.connections.get_pool", lambda given: fake)

    return pretend


# The limit


def test_without_a_pool_there_is_no_limit(db):
    assert get_pool_limit("default") is None


@pytest.mark.parametrize(("max_size", "limit"), [(2, 1), (4, 3), (20, 19)])
def test_one_connection_of_a_pool_is_left(pool, max_size, limit):
    pool(max_size)
    assert get_pool_limit("default") == limit


def test_a_pool_of_one_connection_is_an_error(pool):
    pool(1)
    with pytest.raises(PoolError) as raised:
        get_pool_limit("default")
    assert (raised.value.problem, raised.value.hint) == (TOO_SMALL, HINT)


@pytest.mark.parametrize("max_size", [1, 2])
def test_the_system_check_reports_a_pool_of_one_connection(pool, settings, max_size):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    pool(max_size)
    error = Error(TOO_SMALL, hint=HINT, id="streamreports.E007")
    assert check_report_views() == ([error] if max_size == 1 else [])


# Requests and their connections


def test_an_idle_connection_of_a_pool_is_returned(own_connection, pool):
    pool(4)
    Maker.objects.count()
    before, closed = own_connection.connection, []
    own_connection.close = lambda: closed.append(before)
    try:
        return_pooled_connections()
    finally:
        del own_connection.close
    assert closed == [before]


def test_a_connection_without_a_pool_is_kept(own_connection):
    Maker.objects.count()
    before = own_connection.connection
    return_pooled_connections()
    assert own_connection.connection is before is not None


def test_a_connection_in_a_transaction_is_kept(own_connection, pool):
    pool(4)
    with transaction.atomic():
        before = own_connection.connection
        return_pooled_connections()
        assert own_connection.connection is before is not None


@only_where_reserved
def test_the_stream_returns_its_connection_to_the_pool(own_connection, pool):
    """Otherwise a new stream might start while the request of this one still has it."""
    pool(4)
    reserved = ReservedConnection("default")
    reserved.run(Maker.objects.count)
    reserved.release()
    assert connections["default"] is own_connection
    assert own_connection.connection is None


@only_where_reserved
def test_the_connection_that_middleware_used_is_closed_when_the_body_is_read(own_connection, rf):
    make(1000)
    response = MakerCsvView.as_view()(rf.get("/report/"))
    assert Maker.objects.count() == 1000
    other = connections["default"]
    assert other.connection is not None
    next(iter(response))
    assert (connections["default"], other.connection) == (other, None)
    response.close()


@only_where_reserved
def test_a_transaction_that_middleware_has_opened_is_not_closed(own_connection, rf):
    make(1000)
    response = MakerCsvView.as_view()(rf.get("/report/"))
    with transaction.atomic():
        Maker.objects.create(name="written by middleware")
        next(iter(response))
    response.close()
    assert Maker.objects.count() == 1001


# Streams that wait for each other


class WaitingView(MakerCsvView):
    max_concurrent_streams = 1
    slot_timeout = LONG


def test_a_request_waits_until_another_stream_has_ended(own_connection, rf):
    """The first stream ends in another thread while this one waits."""
    make(3)
    held, release = threading.Event(), threading.Event()

    def hold():
        slot = acquire_slot({WaitingView: 1}, 0)
        held.set()
        release.wait(LONG)
        slot.release()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(LONG)
    threading.Timer(0.1, release.set).start()
    response = WaitingView.as_view()(rf.get("/report/"))
    thread.join()
    assert (response.status_code, b"".join(response)) == (200, body(3))


class AnnouncedView(WaitingView):
    """Tell when a request is about to acquire its slot."""

    reached = threading.Event()

    def get_filename(self):
        self.reached.set()
        return super().get_filename()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite in memory is for one thread.")
def test_a_request_that_waits_does_not_block_other_requests_under_asgi(own_connection, settings):
    """Each request has a thread of its own. Another one is answered, and releases the slot."""
    slots = []

    def release(request):
        slots.pop().release()
        return HttpResponse("released")

    settings.MIDDLEWARE = []
    settings.ROOT_URLCONF = (
        path("report/", AnnouncedView.as_view()),
        path("release/", release),
    )
    waiting, releasing = Exchange("/report/"), Exchange("/release/")

    async def serve():
        await asyncio.to_thread(lambda: slots.append(acquire_slot({AnnouncedView: 1}, 0)))
        task = asyncio.create_task(waiting.run())
        await asyncio.to_thread(AnnouncedView.reached.wait, LONG)
        await releasing.run()
        await task

    asyncio.run(serve())
    assert releasing.body == b"released"
    assert (waiting.status, waiting.body) == (200, body(0))


# A real pool


def count_before_and_after(get_response):
    """Be middleware that queries the database around the view, as for a session."""

    def middleware(request):
        Maker.objects.using("pooled").count()
        response = get_response(request)
        Maker.objects.using("pooled").count()
        return response

    return middleware


class PooledView(MakerCsvView):
    slot_timeout = LONG

    def get_queryset(self):
        return super().get_queryset().using("pooled")


def request_report(application):
    """Return the status and the body of a report, requested in the manner of a WSGI server."""
    environ, started = {"PATH_INFO": "/report/", "HTTP_HOST": "testserver"}, []
    setup_testing_defaults(environ)
    response = application(environ, lambda status, headers, *exc_info: started.append(status))
    try:
        return started[0], b"".join(response)
    finally:
        response.close()
        connections.close_all()


@pytest.mark.parametrize("count", [4, 10])
def test_more_reports_at_once_than_a_pool_has_connections(pooled, settings, count):
    settings.ROOT_URLCONF = (path("report/", PooledView.as_view()),)
    settings.MIDDLEWARE = [f"{__name__}.count_before_and_after"]
    make(1000)
    application = get_wsgi_application()
    with ThreadPoolExecutor(count) as executor:
        answers = list(executor.map(request_report, [application] * count))
    assert answers == [("200 OK", body(1000))] * count


def test_a_report_that_would_take_the_last_connection_is_rejected(pooled, rf):
    make(1000)
    responses = [PooledView.as_view()(rf.get("/report/")) for _ in range(3)]
    last = PooledView.as_view()(rf.get("/report/"))
    assert (last.status_code, last.headers["Retry-After"]) == (503, "10")
    for response in responses:
        response.close()
    assert b"".join(PooledView.as_view()(rf.get("/report/"))) == body(1000)


def test_a_report_in_the_transaction_of_a_test_case_takes_no_slot_of_a_pool(db, rf, pool):
    pool(2)
    make(1000)
    responses = [MakerCsvView.as_view()(rf.get("/report/")) for _ in range(3)]
    assert [response.status_code for response in responses] == [200] * 3
