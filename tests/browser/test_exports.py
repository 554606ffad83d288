"""What a user does with exports: start one, watch it, fetch its file, cancel it, delete it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.support import log_in, violations

TIME_LIMIT = 30_000  # milliseconds until an export is done
without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


@pytest.fixture
def open_report(open_page):
    """Return a function that opens a report whose exports take some seconds, as a user."""

    def open_report(path="/background/", **options):
        page = open_page(f"/accounts/login/?next={path}", **options)
        log_in(page, "reader")
        return page

    return open_report


def prepare(page, label="CSV"):
    """Start an export."""
    page.get_by_role("combobox", name="Format").select_option(label=label)
    page.get_by_role("button", name="Prepare in the background").click()
    expect(page).to_have_url(re.compile(r"/exports/[0-9a-f-]{36}/$"))


def state(page):
    return page.get_by_role("status")


def download(page):
    """Return the bytes of the file that a page links to."""
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    return Path(started.value.path()).read_bytes()


def delete(page):
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="My exports")).to_be_visible()


@pytest.mark.usefixtures("worker")
@without_script
def test_the_file_is_that_of_the_live_report(open_report, script):
    page = open_report(java_script_enabled=script)
    prepare(page, "JSON Lines")
    expect(state(page)).to_have_text("Ready", timeout=TIME_LIMIT)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page).to_have_title(re.compile("^Ready: Background"))
    live = page.request.get("/background/?format=jsonl").body()
    assert download(page) == live
    delete(page)


@pytest.mark.usefixtures("worker")
def test_the_bar_moves(open_report):
    page = open_report()
    prepare(page)
    bar = page.get_by_role("progressbar", name="Rows done")
    shares = []
    for _number in range(TIME_LIMIT // 100):
        if not bar.count():
            break
        if bar.get_attribute("value") is not None:
            shares.append(bar.evaluate("bar => bar.value"))
        page.wait_for_timeout(100)
    assert len(set(shares)) > 2
    assert shares == sorted(shares)
    expect(page.get_by_text("300 rows")).to_be_visible()
    delete(page)


@pytest.mark.usefixtures("worker")
def test_the_figures_are_shown(open_report):
    page = open_report()
    prepare(page)
    expect(page.get_by_text(re.compile(r"^\d+ of 300 rows$"))).to_be_visible(timeout=TIME_LIMIT)
    expect(page.get_by_text(re.compile(r"^\d+ rows per second$"))).to_be_visible(timeout=TIME_LIMIT)
    expect(page.get_by_text("less than a minute")).to_be_visible()
    expect(state(page)).to_have_text("Ready", timeout=TIME_LIMIT)
    delete(page)


@without_script
def test_an_export_that_waits_is_cancelled(open_report, script):
    page = open_report(java_script_enabled=script)
    prepare(page)
    expect(state(page)).to_have_text("Waiting")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="My exports")).to_be_visible()
    expect(page.get_by_role("cell", name="Cancelled")).to_be_visible()
    delete(page)
    expect(page.get_by_text("You have no exports.")).to_be_visible()


@pytest.mark.usefixtures("worker")
def test_an_export_that_runs_is_cancelled_in_the_list(open_report):
    page = open_report()
    prepare(page)
    expect(page.get_by_text(re.compile(r"^\d+ of 300 rows$"))).to_be_visible(timeout=TIME_LIMIT)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("cell", name="Cancelled")).to_be_visible(timeout=5000)
    delete(page)


def questions(page):
    """Return the list that the requests of a page about its export are added to."""
    asked = []
    page.on("request", lambda each: "/exports/" in each.url and asked.append(each.url))
    return asked


def test_a_page_asks_less_and_less_often(open_report):
    page = open_report()
    page.clock.install()
    prepare(page)
    asked, numbers = questions(page), []
    for _second in range(75):
        page.clock.run_for(1000)
        page.wait_for_timeout(50)  # for the answer
        numbers.append(len(asked))
    assert 4 <= numbers[9] <= 7
    assert 1 <= numbers[74] - numbers[54] <= 3
    page.get_by_role("button", name="Cancel").click()
    delete(page)


@pytest.mark.usefixtures("worker")
def test_a_page_goes_on_after_an_error_of_the_network(open_report):
    page = open_report(allowed="ERR_INTERNET_DISCONNECTED")
    prepare(page)
    page.context.set_offline(True)
    page.wait_for_timeout(2500)
    page.context.set_offline(False)
    expect(state(page)).to_have_text("Ready", timeout=TIME_LIMIT)
    delete(page)


def test_a_hidden_page_asks_nothing(open_report):
    page = open_report()
    prepare(page)
    asked = questions(page)
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.wait_for_timeout(2500)
    assert asked == []
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(500)
    assert len(asked) == 1
    page.get_by_role("button", name="Cancel").click()
    delete(page)


def test_a_large_report_offers_the_background(open_report):
    page = open_report("/large/", allowed="413")
    page.goto("/large/?format=csv")
    expect(page.get_by_role("heading")).to_have_text("Large report")
    assert violations(page) == []
    page.get_by_role("button", name="Prepare in the background").click()
    expect(state(page)).to_have_text("Waiting")
    page.get_by_role("button", name="Cancel").click()
    delete(page)


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_have_no_violations(open_report, scheme, width):
    page = open_report(color_scheme=scheme, viewport={"width": width, "height": 800})
    assert violations(page) == []
    prepare(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.goto("/exports/")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("cell", name="Cancelled")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Background").click()
    assert violations(page) == []
    delete(page)
