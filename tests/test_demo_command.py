"""The command that fills and runs the demo."""

import csv
import os
import sqlite3
import subprocess
import sys
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from benchmarks.servers import free_port
from tests.exports.sites import wait_for

ROOT = Path(__file__).parent.parent


def environment(path, settings="demo_project.settings"):
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": settings,
        "DATABASE": "sqlite",
        "SQLITE_NAME": str(path),
    }


def manage(path, *arguments):
    """Run a command of the demo on a database file."""
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=ROOT,
        env=environment(path),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Run the demo three times on one new file; return the file and what was printed."""
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    rows = ("200", "200", "300")
    return path, [manage(path, "demo", "--no-serve", "--rows", number) for number in rows]


def count(path, table):
    with sqlite3.connect(path) as database:
        (number,) = database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
    database.close()
    return number


def test_every_run_of_the_demo_succeeds(runs):
    _, results = runs
    assert [result.returncode for result in results] == [0, 0, 0]


def test_the_demo_names_its_users(runs):
    _, (first, *_) = runs
    assert "  admin, password admin: sees the admin\n" in first.stdout
    assert "  reader, password reader: downloads the private report\n" in first.stdout


def test_the_demo_shows_its_progress(runs):
    _, (first, *_) = runs
    assert first.stderr.startswith("200 of 200 cargoes, ")


def test_a_second_run_adds_nothing(runs):
    _, (_, second, _) = runs
    assert second.stdout.startswith("200 cargoes exist already; none were added.\n")


def test_a_run_with_more_rows_adds_those_that_are_missing(runs):
    path, (*_, third) = runs
    assert third.stdout.startswith("200 cargoes exist; adding 100.\n")
    assert count(path, "cargo_cargo") == 300


def test_users_are_created_once(runs):
    path, _ = runs
    assert count(path, "auth_user") == 2


def test_the_permission_to_export_cargoes_is_created(runs):
    path, _ = runs
    assert count(path, "auth_permission WHERE codename = 'export_cargo'") == 1


def test_a_report_is_written_by_a_command(runs):
    path, _ = runs
    result = manage(path, "dumpreport", "cargo:simple")
    assert result.returncode == 0
    assert result.stdout.startswith("ID,Commodity,Weight\n")
    assert len(list(csv.reader(result.stdout.splitlines(keepends=True)))) == 301


@pytest.fixture
def served(tmp_path):
    """Run the demo until the end of the test; return its address."""
    (tmp_path / "settings.py").write_text(
        "from demo_project.settings import *\n"
        f"STORAGES['streamreports']['OPTIONS'] = {{'location': {str(tmp_path / 'exports')!r}}}\n"
    )
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-W", "error", "manage.py", "demo", "--rows", "20", "--port", str(port)],
        cwd=ROOT,
        env={**environment(tmp_path / "demo.sqlite3", "settings"), "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


class Browser:
    """A client that keeps cookies, and sends the token of the last form."""

    def __init__(self, address):
        self.address = address
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path):
        return self._open(path)

    def post(self, path, **fields):
        token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")
        return self._open(path, urlencode({"csrfmiddlewaretoken": token, **fields}).encode())

    def _open(self, path, data=None):
        """Return the headers and the content of a response; raise URLError without a response."""
        with self.opener.open(f"{self.address}{path}", data, timeout=30) as response:
            return response.headers, response.read()


def test_the_demo_starts_a_worker(served):
    browser = Browser(served)
    wait_for(lambda: finds(browser, "/accounts/login/"))
    browser.post("/accounts/login/", username="reader", password="reader")
    headers, _ = browser.post("/exports/", report="/reports/cargoes/?format=csv")
    file = f"{headers['Location']}file/"
    wait_for(lambda: finds(browser, file))
    (_, content), (_, live) = browser.get(file), browser.get("/reports/cargoes/?format=csv")
    assert content == live
    assert live.count(b"\r\n") == 21


def finds(browser, path):
    try:
        browser.get(path)
    except URLError:  # HTTPError is one.
        return False
    return True
