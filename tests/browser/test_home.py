"""What a visitor sees on the home page while a report is downloaded."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.servers import free_port
from tests.browser.conftest import HOST, ROOT, wait_for
from tests.browser.support import read

CUT = 250  # the cargo of tests/browser/urls.py at which the failing report fails


@pytest.fixture(scope="module")
def gunicorn(site, tmp_path_factory):
    """Serve the site by gunicorn as well; return its address."""
    port = free_port()
    bind = [f"--bind={HOST}:{port}", "--threads=4", "--log-level=critical"]
    command = [sys.executable, "-m", "gunicorn", "demo_project.wsgi", *bind]
    log = tmp_path_factory.mktemp("gunicorn") / "log"
    with log.open("wb") as file:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**site.environment, "DEBUG": "1"},  # which has Django serve the static files
            stdout=file,
            stderr=file,
        )
    wait_for(f"http://{HOST}:{port}/")
    yield f"http://{HOST}:{port}/"
    server.terminate()
    server.wait()


def section(page, name):
    """Return the card with a heading."""
    heading = page.get_by_role("heading", name=name, exact=True)
    return page.locator(".card").filter(has=heading)


def watch(card):
    """Watch the download of a card until it ends; return the sentence that tells how."""
    card.get_by_role("button", name="Watch a download").click()
    status = card.get_by_role("status")
    expect(status).to_contain_text(".")
    return status.inner_text()


def figure(card, name):
    """Return the figure that stands below a name."""
    return card.locator("dl > div").filter(has_text=name).locator("dd").first


def test_the_rows_are_counted(open_page):
    card = section(open_page("/"), "Cargoes")
    assert watch(card).startswith("Complete.")
    expect(figure(card, "Rows")).to_have_text("300")


def test_the_megabytes_are_counted_as_a_line(open_page):
    card = section(open_page("/"), "Cargoes")
    watch(card)
    points = card.locator("[data-line=received]").get_attribute("points").split()
    assert points[0].endswith(",100")
    assert points[-1] == "100,0"


def test_the_memory_of_the_server_is_shown(open_page):
    card = section(open_page("/"), "Cargoes")
    watch(card)
    growth = r"([+-](?!0\.0)\d+\.\d|0\.0)"
    expect(figure(card, "Server memory")).to_have_text(re.compile(rf"^\d+\.\d MB {growth}$"))


def test_without_the_memory_the_rows_are_counted_all_the_same(open_page):
    page = open_page("/", allowed="500")
    page.route("**/memory/", lambda route: route.fulfill(status=500))
    card = section(page, "Cargoes")
    assert watch(card).startswith("Complete.")
    expect(card.get_by_text("Server memory")).to_be_hidden()
    expect(figure(card, "Rows")).to_have_text("300")


def test_a_download_is_watched_again(open_page):
    card = section(open_page("/"), "Cargoes")
    watch(card)
    watch(card)
    expect(figure(card, "Rows")).to_have_text("300")


def test_a_report_that_is_not_sent_says_so(open_page):
    page = open_page("/", allowed="503")
    page.route("**/reports/cargoes/*", lambda route: route.fulfill(status=503))
    assert watch(section(page, "Cargoes")).startswith("Not sent.")


def test_a_failing_report_is_truncated_on_runserver(open_page):
    card = section(open_page("/"), "A report that fails on purpose")
    assert watch(card).startswith("Truncated.")
    rows = int(figure(card, "Rows").inner_text())
    assert 0 < rows < CUT


def test_a_failing_report_is_a_file_without_its_end_on_runserver(open_page):
    page = open_page("/", java_script_enabled=False)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the truncated file").click()
    assert 1 < len(read(download.value)) <= CUT
    assert not Path(download.value.path()).read_bytes().endswith(b"\n")


def test_the_transfer_of_a_failing_report_fails_on_gunicorn(open_page, gunicorn):
    page = open_page(gunicorn, allowed="ERR_INCOMPLETE_CHUNKED_ENCODING")
    card = section(page, "A report that fails on purpose")
    assert watch(card).startswith("Failed.")


def test_the_download_of_a_failing_report_fails_on_gunicorn(open_page, gunicorn):
    page = open_page(gunicorn)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the truncated file").click()
    assert download.value.failure() is not None


def test_without_a_script_there_is_nothing_to_watch(open_page):
    page = open_page("/", java_script_enabled=False)
    expect(page.get_by_role("button", name="Watch a download")).to_have_count(0)


def test_the_file_for_excel_is_in_the_language_of_the_browser(open_page):
    page = open_page("/", locale="pt-BR")
    with page.expect_download() as download:
        page.get_by_role("link", name="Baixar CSV para Excel").click()
    _, first, *_ = Path(download.value.path()).read_text().splitlines()
    assert re.fullmatch(r"1;Tea;\d+,\d{3};[0-9: -]+", first)


def test_on_a_phone_code_and_tables_scroll_within_the_page(open_page):
    page = open_page("/", viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    code = page.get_by_role("region", name="Code of Cargoes")
    assert code.evaluate("code => code.scrollWidth > code.clientWidth")


@pytest.mark.parametrize("locale", ["de", "ja", "pt-BR"])
def test_the_translated_page_of_a_user_is_as_wide_as_a_phone(open_page, locale):
    page = open_page("/accounts/login/", locale=locale, viewport={"width": 320, "height": 640})
    page.locator("[name=username]").fill("admin")
    page.locator("[name=password]").fill("admin")
    page.locator(".log-in button").click()
    expect(page.locator("nav form")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == locale.lower()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
