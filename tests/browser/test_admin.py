"""What an administrator does with the report of a changelist."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.support import log_in, read, violations
from tests.browser.test_exports import delete, download, state

TIME_LIMIT = 30_000  # milliseconds until an export is done
OPERATORS = "/admin/streamreports_exports/export/"

looks = pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
)


def test_the_button_of_a_changelist_downloads_what_it_shows(open_page, site):
    page = open_page("/admin/login/?next=/admin/cargo/cargo/%3Fstatus__exact%3Dheld")
    log_in(page, "admin")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export", exact=True).click()
    header, *rows = read(download.value)
    assert header[0] == "Commodity"
    held = site.rows("SELECT commodity FROM cargo_cargo WHERE status = 'held'")
    assert sorted([row[0].removeprefix("'")] for row in rows) == sorted(held)


def test_the_action_of_a_changelist_downloads_the_ticked_rows(open_page):
    page = open_page("/admin/login/?next=/admin/cargo/cargo/")
    log_in(page, "admin")
    for number in range(3):
        page.locator("input.action-select").nth(number).check()
    page.get_by_label("Action:").select_option(label="Export selected cargoes")
    with page.expect_download() as download:
        page.locator("button[name=index]").click()
    assert len(read(download.value)) == 4


@pytest.mark.usefixtures("worker")
def test_a_changelist_is_prepared_in_the_background(open_page):
    page = open_page("/admin/login/?next=/admin/cargo/cargo/%3Fstatus__exact%3Dheld")
    log_in(page, "admin")
    with page.expect_download() as live:
        page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_role("button", name="Prepare in the background").click()
    expect(page).to_have_url(re.compile(r"/exports/[0-9a-f-]{36}/$"))
    expect(state(page)).to_have_text("Ready", timeout=TIME_LIMIT)
    assert download(page) == Path(live.value.path()).read_bytes()
    delete(page)


def test_the_ticked_rows_of_a_changelist_are_prepared_in_the_background(open_page):
    page = open_page("/admin/login/?next=/admin/cargo/cargo/")
    log_in(page, "admin")
    page.locator("input.action-select").nth(1).check()
    action = "Export selected cargoes in the background"
    page.get_by_label("Action:").select_option(label=action)
    page.locator("button[name=index]").click()
    expect(page).to_have_url(re.compile(r"/exports/[0-9a-f-]{36}/$"))
    page.get_by_role("button", name="Cancel").click()
    delete(page)


def start(page):
    """Start an export that waits, and open its page for operators."""
    log_in(page, "admin")
    page.get_by_role("button", name="Prepare in the background").click()
    expect(page).to_have_url(re.compile(r"/exports/[0-9a-f-]{36}/$"))
    page.goto(f"{OPERATORS}{page.url.split('/')[-2]}/change/")


def test_an_operator_cancels_an_export_and_retries_it(open_page):
    page = open_page("/admin/login/?next=/admin/cargo/cargo/")
    start(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("1 export was cancelled.")).to_be_visible()
    expect(page.locator(".field-summary .readonly")).to_have_text("Cancelled")
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("1 export was queued again.")).to_be_visible()
    expect(page.locator(".field-summary .readonly")).to_have_text("Waiting")
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Yes, I’m sure").click()
    expect(page.get_by_text("was deleted successfully.")).to_be_visible()


@looks
def test_the_pages_of_operators_have_no_violations(open_page, width, scheme):
    """Breadcrumbs and the links beside the search, which are the admin's, have some."""
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    page = open_page("/admin/login/?next=/admin/cargo/cargo/", **options)
    start(page)
    assert violations(page, "#content-main") == []
    page.goto(OPERATORS)
    assert violations(page, "#changelist-form") == []
    page.get_by_role("link", name="Cargoes").last.click()
    page.goto("/admin/cargo/cargo/")
    assert violations(page, ".object-tools") == []
    page.goto("/exports/")
    page.get_by_role("button", name="Cancel").click()
    delete(page)
