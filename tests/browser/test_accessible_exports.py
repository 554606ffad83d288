"""Nothing is a barrier on the pages of exports, whatever their state."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT
from tests.browser.support import log_in, require_no_barriers

TIME_LIMIT = 30_000  # milliseconds until an export is done


@pytest.fixture
def page(open_page, site):
    """Return a page of a logged-in user, who has no exports afterwards."""
    page = open_page("/accounts/login/?next=/quick/")
    log_in(page, "reader")
    yield page
    site.execute("DELETE FROM streamreports_exports_export")


def prepare(page, path):
    """Start an export; return the element that shows its state."""
    page.goto(path)
    page.get_by_role("button", name="Prepare in the background").click()
    expect(page).to_have_url(re.compile(r"/exports/[0-9a-f-]{36}/$"))
    return page.get_by_role("status")


def require_state(page, state):
    """Check the page of an export that is in a state, and the list."""
    expect(page.get_by_role("status")).to_contain_text(state, timeout=TIME_LIMIT)
    require_no_barriers(page)
    expect(page.get_by_role("status")).to_contain_text(state)
    page.goto("/exports/")
    require_no_barriers(page)
    expect(page.get_by_role("cell", name=state)).to_be_visible()


def test_no_exports(page):
    page.goto("/exports/")
    expect(page.get_by_text("You have no exports.")).to_be_visible()
    require_no_barriers(page)


def test_waiting(page):
    prepare(page, "/quick/")
    require_state(page, "Waiting")


@pytest.mark.usefixtures("worker")
def test_running(page):
    prepare(page, "/long/")
    require_state(page, "Running")
    page.get_by_role("button", name="Cancel").click()


@pytest.mark.usefixtures("worker")
def test_cancel_requested(page):
    """The worker has not noticed it yet."""
    expect(prepare(page, "/long/")).to_contain_text("Running", timeout=TIME_LIMIT)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="My exports")).to_be_visible()
    require_no_barriers(page)


@pytest.mark.usefixtures("worker")
def test_done(page):
    prepare(page, "/quick/")
    require_state(page, "Ready")


@pytest.mark.usefixtures("worker")
def test_failed(page):
    prepare(page, "/broken/")
    require_state(page, "Failed")


def test_cancelled(page):
    prepare(page, "/quick/")
    address = page.url
    page.get_by_role("button", name="Cancel").click()
    page.goto(address)
    require_state(page, "Cancelled")


@pytest.mark.usefixtures("worker")
def test_expired(page, site):
    expect(prepare(page, "/quick/")).to_have_text("Ready", timeout=TIME_LIMIT)
    past = "datetime('now', '-1 minute')"
    site.execute(f"UPDATE streamreports_exports_export SET expires = {past}")
    prune = [sys.executable, "manage.py", "exports", "prune"]
    subprocess.run(prune, cwd=ROOT, env=site.environment, check=True, capture_output=True)
    page.reload()
    require_state(page, "Expired")


def test_a_list_of_several_pages(page):
    prepare(page, "/quick/")
    prepare(page, "/long/")
    for number, link in ((1, "Next page"), (2, "Previous page")):
        page.goto(f"/exports/one-by-one/?page={number}")
        expect(page.get_by_role("link", name=link)).to_be_visible()
        require_no_barriers(page)
