"""Clients that leave, or stall, hurt nobody."""

import pytest

from tests.servers import table
from tests.servers.client import Exchange
from tests.servers.databases import until
from tests.servers.processes import ASGI

SMALL = 64 * 1024  # bytes that the kernel takes for a client that does not read
LONG = "/whole.csv?rows=25000&width=4000"  # 100 MB
TOLD = ASGI  # WSGI servers do not look at their client while the site is at work.
BOUND = 32 * 2**20  # bytes


@pytest.mark.parametrize("path", ["python.csv", "page", "template"])
def test_a_client_that_leaves_between_blocks_ends_the_report(server, seen, path):
    before = len(server.reports())

    with Exchange(server.port, f"/{path}?milliseconds=2&rows=3000") as exchange:
        exchange.read(2000)

    assert until(lambda: len(server.reports()) > before, 30)
    outcome = server.reports()[-1][0]
    words = "report is cancelled" if outcome == "aborted" else "report continues"
    seen(server.name, table.LEAVES, words)


def test_a_client_that_stalls_is_waited_for_and_may_leave(server, seen):
    before = len(server.reports())
    memory = server.memory()
    server.forget_peak()

    with Exchange(server.port, LONG, buffer=SMALL) as exchange:
        read = exchange.read(SMALL)
        assert until(server.is_idle, 60)
        taken = server.peak_memory() - memory
        exchange.leave(reset=True)

    assert until(lambda: len(server.reports()) > before, 30)
    outcome, _, made = server.reports()[-1]
    ahead = made - read
    assert (outcome == "aborted") == (made < 10**8)
    if ahead < 2**23:
        words = "waits"
    elif ahead < BOUND:
        words = "buffers up to 20 MB"
    else:
        words = "buffers everything"
    assert taken < BOUND or words == "buffers everything"
    seen(server.name, table.STALLS, words)


def test_a_client_that_leaves_has_the_query_for_its_first_row_cancelled(server, postgresql, seen):
    with Exchange(server.port, f"/slow.csv?row=1&{seconds_on(server)}") as exchange:
        assert until(postgresql.is_sleeping)
        exchange.leave()

    gone = until(lambda: not postgresql.is_sleeping(), soon(server))
    seen(server.name, table.LEAVES_QUERY, "query is cancelled" if gone else "query continues")
    assert gone or server.name not in TOLD


def test_a_client_that_leaves_has_the_query_for_a_later_row_cancelled(server, postgresql):
    with Exchange(server.port, f"/slow.csv?row=20000&{seconds_on(server)}") as exchange:
        exchange.read(10**6)
        assert until(postgresql.is_sleeping)
        exchange.leave(reset=True)

    gone = until(lambda: not postgresql.is_sleeping(), soon(server))
    assert gone == (server.name in TOLD)


def seconds_on(server):
    """Return how long the query is to take: the rest is waited for in vain on some servers."""
    return f"seconds={60 if server.name in TOLD else 4}"


def soon(server):
    """Return the seconds until the query is cancelled; a busy machine takes long."""
    return 20 if server.name in TOLD else 2
