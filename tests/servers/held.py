"""How long a report holds its database session, by what is in front of it.

``python -m tests.servers.held`` prints the table of docs/deployment.md.
"""

import re
import sys
import time
from contextlib import contextmanager

from tests.servers.client import Exchange
from tests.servers.databases import PostgreSQL, filled, until
from tests.servers.processes import serving
from tests.servers.proxies import nginx

KINDS = ["gunicorn-gthread", "uvicorn-httptools"]
PATH = "/whole.csv?width=86"  # 36 MB
SLOWLY = 2 * 10**6  # bytes a second
ENDED = re.compile(r"completed: .* bytes in ([\d.]+) s")


@contextmanager
def no_proxy(upstream):
    """Yield the port of the server itself."""
    yield upstream


@contextmanager
def unbuffered(upstream):
    """Run nginx with its buffering off."""
    with nginx(upstream, buffering=False) as port:
        yield port


CASES = {
    "no proxy, client without a speed limit": (no_proxy, False),
    "no proxy": (no_proxy, True),
    "nginx, `proxy_buffering off`": (unbuffered, True),
    "nginx, default settings": (nginx, True),
}


def held(server, proxy, slowly):
    """Return for how many seconds a report held its session, and how many the client took."""
    before = len(ENDED.findall(server.log()))
    started = time.monotonic()
    close = {"Connection": "close"}  # Or the end is waited for.
    with (
        proxy(server.port) as port,
        Exchange(port, PATH, headers=close, buffer=64 * 1024) as exchange,
    ):
        got = exchange.read(1)
        while slowly and (now := exchange.read(got + SLOWLY // 20)) > got:
            got = now
            time.sleep(max(0, got / SLOWLY - (time.monotonic() - started)))
        exchange.finish()
    taken = time.monotonic() - started
    assert until(lambda: len(ENDED.findall(server.log())) > before)
    return float(ENDED.findall(server.log())[-1]), taken


def main():
    """Print a line for each case."""
    with filled(PostgreSQL) as database:
        for kind in KINDS:
            with serving(kind, environment=database.environment) as server:
                for name, (proxy, slowly) in CASES.items():
                    session, client = held(server, proxy, slowly)
                    sys.stdout.write(f"{kind}: {name}: {session:.1f} s, client {client:.1f} s\n")


if __name__ == "__main__":
    main()
