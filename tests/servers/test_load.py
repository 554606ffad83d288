"""Many slow downloads at once hurt nobody who wants a small page."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from tests.servers.client import Exchange
from tests.servers.databases import until
from tests.servers.processes import serving

SMALL = 16 * 1024  # bytes that the kernel takes for a client
SIP = 32 * 1024  # bytes that a slow client reads at a time
PAUSE = 0.5  # seconds between its sips
PINGS = 200
LONG = "rows=20000&width=1000"  # 20 MB each


@pytest.mark.parametrize(("kind", "clients"), [("sqlite", 200), ("postgresql", 80)])
def test_a_plain_view_does_not_notice_many_slow_downloads(kind, clients, request):
    database = request.getfixturevalue(kind)
    with serving("uvicorn-httptools", environment=database.environment) as server:
        server.ping()
        with downloads(server, f"/whole.csv?{LONG}", clients):
            seconds = sorted(timed_pings(server))
            memory = server.peak_memory()

        assert seconds[int(PINGS * 0.99)] < 0.25
        assert memory < 400 * 10**6
        assert until(lambda: not database.busy(), 30), database.busy()


def test_above_the_limit_clients_are_told_to_come_back(sqlite):
    with (
        serving("uvicorn-httptools", environment=sqlite.environment) as server,
        ExitStack() as all_,
    ):
        exchanges = [
            all_.enter_context(Exchange(server.port, f"/limited.csv?{LONG}", buffer=SMALL))
            for _ in range(200)
        ]
        started = time.monotonic()
        with ThreadPoolExecutor(200) as pool:
            heads = list(pool.map(lambda exchange: exchange.head(), exchanges))
        seconds = time.monotonic() - started

        statuses = [status for status, _ in heads]
        assert statuses.count(200) == 50
        assert statuses.count(503) == 150
        assert all("retry-after" in headers for status, headers in heads if status == 503)
        assert seconds < 1
        assert sorted(timed_pings(server))[int(PINGS * 0.99)] < 0.25


def test_a_client_that_leaves_frees_its_place(sqlite):
    path = f"/limited.csv?{LONG}"
    with serving("uvicorn-httptools", environment=sqlite.environment) as server:
        with downloads(server, path, 50):
            with Exchange(server.port, path) as exchange:
                assert exchange.head()[0] == 503

        def is_free():
            with Exchange(server.port, path) as exchange:
                return exchange.head()[0] == 200

        assert until(is_free)


def test_threads_that_stream_leave_the_others_of_gunicorn_to_plain_views(postgresql):
    arguments = ["--threads", "21"]
    environment = postgresql.environment
    with serving("gunicorn-gthread", environment=environment, arguments=arguments) as server:
        with downloads(server, f"/whole.csv?{LONG}", 20):
            seconds = sorted(timed_pings(server))

        assert seconds[int(PINGS * 0.99)] < 0.25
        assert until(lambda: not postgresql.busy(), 30), postgresql.busy()


@contextmanager
def downloads(server, path, count):
    """Have clients that read their reports slowly, all of which have begun."""
    stop = threading.Event()
    with ExitStack() as stack:
        exchanges = [
            stack.enter_context(Exchange(server.port, path, buffer=SMALL)) for _ in range(count)
        ]
        with ThreadPoolExecutor(count) as pool:
            assert {status for status, _ in pool.map(Exchange.head, exchanges)} == {200}

        def sip():
            size = SIP
            while not stop.wait(PAUSE):
                for exchange in exchanges:
                    exchange.read(size)
                size += SIP

        reader = threading.Thread(target=sip)
        reader.start()
        try:
            yield
        finally:
            stop.set()
            reader.join()


def timed_pings(server):
    """Return how long each of many small requests took, one after the other."""
    seconds = []
    for _ in range(PINGS):
        started = time.monotonic()
        server.ping()
        seconds.append(time.monotonic() - started)
    return seconds
