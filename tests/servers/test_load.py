"""Many slow downloads at once hurt nobody who wants a small page.

How long that one waits is shown at the end of the run, with the bound for a machine that does
nothing else; no test fails by it.
"""

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


# SQLite caches up to 2 MB of the database in each connection, more the longer it is read.
@pytest.mark.parametrize(
    ("kind", "clients", "bound"), [("sqlite", 200, 700), ("postgresql", 80, 400)]
)
def test_a_plain_view_answers_beside_many_slow_downloads(kind, clients, bound, request, shown):
    database = request.getfixturevalue(kind)
    with serving("uvicorn-httptools", environment=database.environment) as server:
        server.ping()
        with downloads(server, f"/whole.csv?{LONG}", clients):
            waited = slowest_pings(server)
            memory = server.peak_memory()

        shown(
            f"{clients} downloads on {kind}: {waited} (250 ms), {memory / 1e6:.0f} MB ({bound} MB)"
        )
        assert memory < bound * 10**6
        assert until(lambda: not database.busy(), 30), database.busy()


def test_above_the_limit_clients_are_told_to_come_back(sqlite, shown):
    with (
        serving("uvicorn-httptools", environment=sqlite.environment) as server,
        ExitStack() as all_,
    ):
        exchanges = [
            all_.enter_context(Exchange(server.port, f"/limited.csv?{LONG}", buffer=SMALL))
            for _ in range(200)
        ]
        started = time.monotonic()

        def answered(exchange):
            return *exchange.head(), time.monotonic() - started

        with ThreadPoolExecutor(200) as pool:
            answers = list(pool.map(answered, exchanges))
        refused = [answer for answer in answers if answer[0] == 503]

        assert [status for status, *_ in answers].count(200) == 50
        assert len(refused) == 150
        assert all("retry-after" in headers for _, headers, _ in refused)
        slowest = max(seconds for *_, seconds in refused)
        shown(f"150 refused beside 50: {slowest:.2f} s (1 s); {slowest_pings(server)} (250 ms)")


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


def test_threads_that_stream_leave_the_others_of_gunicorn_to_plain_views(postgresql, shown):
    arguments = ["--threads", "21"]
    environment = postgresql.environment
    with serving("gunicorn-gthread", environment=environment, arguments=arguments) as server:
        with downloads(server, f"/whole.csv?{LONG}", 20):
            waited = slowest_pings(server)

        shown(f"20 downloads in 21 threads of gunicorn: {waited} (250 ms)")
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


def slowest_pings(server):
    """Return what all but one of a hundred requests to the plain view took at most."""
    seconds = []
    for _ in range(PINGS):
        started = time.monotonic()
        server.ping()
        seconds.append(time.monotonic() - started)
    return f"99 % of pings {sorted(seconds)[int(PINGS * 0.99)] * 1000:.0f} ms"
