"""The databases and servers that the tests of this folder share."""

import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.servers import table, truncated
from tests.servers.client import get
from tests.servers.databases import MariaDB, PostgreSQL, SQLite, filled, until
from tests.servers.processes import SERVERS, serving

SHOWN = []


def pytest_configure():
    """Stop the servers also when the tests are told to stop."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgresql():
    with filled(PostgreSQL) as database:
        yield database


@pytest.fixture(scope="session")
def mariadb():
    with filled(MariaDB) as database:
        yield database


@pytest.fixture(scope="session")
def sqlite():
    with filled(SQLite) as database:
        yield database


@pytest.fixture(scope="session")
def site():
    """Yield a server on a small database, for tests of what becomes of its files."""
    with (
        filled(SQLite, truncated.ROWS) as database,
        serving("gunicorn-gthread", environment=database.environment) as server,
    ):
        yield server


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session", params=SERVERS)
def running(request, postgresql):
    """One server after the other, each with all the threads that it ever wants."""
    with serving(request.param, environment=postgresql.environment) as server:
        warm_up(server)
        yield server


@pytest.fixture
def server(running, postgresql):
    """Give a server, and see afterwards that the test has left nothing in it."""
    with nothing_left(running, postgresql):
        yield running


@pytest.fixture
def shown():
    """Return the function that has a figure shown at the end of the run."""
    return SHOWN.append


def pytest_terminal_summary(terminalreporter):
    """Show the figures, and in brackets what each must stay under on a machine at rest."""
    for line in SHOWN:
        terminalreporter.write_line(line)


@pytest.fixture
def seen():
    """Return the function that compares what was seen with the documentation's table."""
    return table.seen


def warm_up(server):
    """Have a server start what it starts once, and remember what it has then."""
    with ThreadPoolExecutor(8) as clients:
        for path in ("/python.csv?rows=500", "/python.csv?raises_in=1"):
            list(clients.map(lambda path: get(server.port, path), [path] * 32))
    server.ping()


@contextmanager
def nothing_left(server, database):
    """See that a server has afterwards what it had before, no session, and an answer."""
    files, threads = server.open_files(), server.threads()
    yield
    assert until(lambda: not database.busy()), database.busy()
    assert until(lambda: not database.sessions()), database.sessions()
    assert until(lambda: server.open_files() <= files), (server.open_files(), files)
    assert until(lambda: server.threads() <= threads), (server.threads(), threads)
    assert int(server.ping()) == server.pid
