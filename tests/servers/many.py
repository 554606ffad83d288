"""Clients whose reports fail, or who leave, by the hundred."""

from concurrent.futures import ThreadPoolExecutor

from tests.servers.client import Exchange

MUTE = ["daphne"]  # They never tell a client that its report has failed.


def at_once(clients, count, request, server):
    """Have some clients make many requests."""
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(request, [server] * count))


def fail(server):
    """Be a client whose report fails, and who does not wait long where the server is mute."""
    patience = 1 if server.name in MUTE else 30
    with Exchange(server.port, "/python.csv?raises_in=300&rows=400", patience=patience) as exchange:
        exchange.finish()


def abandon(server):
    """Be a client that leaves when it has seen how long the report is."""
    with Exchange(server.port, "/whole.csv?rows=5000&width=2000", buffer=4096) as exchange:
        exchange.read(1000)
        exchange.leave(reset=True)
