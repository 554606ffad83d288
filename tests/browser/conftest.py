"""A site with cargoes on a real server, and a browser that visits it."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
PATIENCE = 60  # seconds until the server must answer
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


class Site:
    """The site: its address, and its database as another program reads it."""

    def __init__(self, port, environment):
        self.url = f"http://{HOST}:{port}"
        self.environment = environment
        self.database = environment["SQLITE_NAME"]

    def rows(self, sql):
        """Return the rows of a query as texts."""
        with closing(sqlite3.connect(self.database)) as connection:
            return [[str(value) for value in row] for row in connection.execute(sql)]

    def execute(self, sql):
        """Change the database."""
        with closing(sqlite3.connect(self.database, timeout=20)) as connection, connection:
            connection.execute(sql)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    from benchmarks.servers import free_port

    folder, port = tmp_path_factory.mktemp("site"), free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "DEBUG": "0",  # Django's page of an error has inline styles.
        "DATABASE": "sqlite",
        "SQLITE_NAME": str(folder / "site.sqlite3"),
    }
    manage = [sys.executable, "manage.py"]
    prepare = [*manage, "demo", "--no-serve", "--rows", "300"]
    subprocess.run(prepare, cwd=ROOT, env=environment, check=True, capture_output=True)
    serve = [*manage, "runserver", "--noreload", "--insecure", f"{HOST}:{port}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(serve, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://{HOST}:{port}/")
            yield Site(port, environment)
        finally:
            server.terminate()
            server.wait()


@pytest.fixture
def worker(site):
    """Have a worker make the exports."""
    run = [sys.executable, "manage.py", "exports", "run", "--poll", "0.2"]
    process = subprocess.Popen(
        run, cwd=ROOT, env=site.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    yield
    process.terminate()
    process.wait()


def wait_for(url):
    for _ in range(PATIENCE * 10):
        try:
            with urlopen(url, timeout=PATIENCE):
                return
        except URLError:
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer.")


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, site):
    """Return a function that opens a page of the site; the browser must have nothing to report.

    ``allowed``: a part of what it may report, as it does for each answer that is an error.
    """
    contexts, reported = [], []

    def open_page(path="/", *, allowed=None, **options):
        context = browser.new_context(base_url=site.url, **options)
        contexts.append(context)
        page = context.new_page()

        def report_message(message):
            if not message.location["url"].endswith("/favicon.ico"):
                report(message.text)

        def report(text):
            if allowed is None or allowed not in text:
                reported.append(text)

        page.on("console", report_message)
        page.on("pageerror", lambda error: report(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert reported == []
