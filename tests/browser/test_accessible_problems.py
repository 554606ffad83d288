"""Nothing is a barrier on the pages of errors that browsers show."""

import re
from itertools import product
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from streamreports.exports.links import signer
from tests.browser.more_urls import BARRED
from tests.browser.support import log_in, require_no_barriers

PROBLEMS = {
    "400": ("/reports/cargo.csv?nothing=1&columns=no", {}, "Invalid parameters"),
    "403": ("/quick/", {"Prefer": "respond-async"}, "Exports"),
    "413": ("/two-formats/", {}, "Too many rows"),
}
TIME_LIMIT = 30_000  # milliseconds until an export is done
LANGUAGES = ["en", "de", "ja"]


@pytest.mark.parametrize("status", PROBLEMS)
def test_a_problem_has_no_violations(open_page, status):
    path, headers, title = PROBLEMS[status]
    page = open_page(path, allowed=status, extra_http_headers=headers)
    expect(page.get_by_role("heading")).to_have_text(title)
    require_no_barriers(page)


def test_a_browser_that_accepts_no_file_has_no_violations(open_page):
    page = open_page("/one/", allowed="406")
    page.route(
        "**/two-formats/",
        lambda route: route.continue_(headers={**route.request.headers, "accept": "text/html"}),
    )
    page.goto("/two-formats/")
    expect(page.get_by_role("heading")).to_have_text("Not acceptable")
    require_no_barriers(page)


def test_a_problem_in_another_language_has_no_violations(open_page):
    page = open_page("/reports/cargo.csv?nothing=1", allowed="400", locale="de")
    expect(page.get_by_role("heading")).to_have_text("Ungültige Parameter")
    require_no_barriers(page)


def test_too_many_downloads_have_no_violations(open_page, site):
    with urlopen(f"{site.url}/busy/"):
        page = open_page("/busy/", allowed="503")
        expect(page.get_by_role("heading")).to_have_text("Too many downloads")
        require_no_barriers(page)
        urlopen(f"{site.url}/release/").close()


# Exports


@pytest.fixture
def page(open_page, site):
    """Return a page of a logged-in user, who has no exports afterwards."""
    page = open_page("/accounts/login/?next=/quick/", allowed="Failed to load resource")
    log_in(page, "reader")
    yield page
    site.execute("UPDATE auth_user SET first_name = ''")
    site.execute("DELETE FROM streamreports_exports_export")


def prepare(page):
    page.get_by_role("button", name="Prepare in the background").click()


def test_too_many_exports_have_no_violations(page):
    for path, language in product(["/quick/", "/long/"], LANGUAGES):
        headers = {"Prefer": "respond-async", "Accept-Language": language}
        page.request.get(f"{path}?format=csv", headers=headers)
    page.goto("/large/")
    prepare(page)
    expect(page.get_by_text("5 exports are already in preparation")).to_be_visible()
    require_no_barriers(page)


def test_the_export_of_no_report_has_no_violations(page):
    page.locator("[name=report]").evaluate("each => each.value = '/nothing/'")
    prepare(page)
    expect(page.get_by_role("heading")).to_have_text("Exports")
    require_no_barriers(page)


@pytest.fixture
def key(page):
    """Return the primary key of an export that is done."""
    page.goto("/revocable/")
    prepare(page)
    expect(page.get_by_role("status")).to_have_text("Ready", timeout=TIME_LIMIT)
    return re.search("[0-9a-f-]{36}", page.url)[0].replace("-", "")


def open_link(page, token, text):
    page.goto(f"/exports/links/{token}/")
    expect(page.get_by_text(text)).to_be_visible()


def test_an_invalid_link_has_no_violations(page):
    open_link(page, "x", "This link is invalid, or no longer valid.")
    require_no_barriers(page)


@pytest.mark.usefixtures("worker")
def test_an_expired_link_has_no_violations(page, key):
    open_link(page, signer().sign(f"{key}.0"), "This link has expired.")
    require_no_barriers(page)


@pytest.mark.usefixtures("worker")
def test_the_link_of_a_deleted_file_has_no_violations(page, site, key):
    for file in (Path(site.database).parent / "exports").iterdir():
        file.unlink()
    open_link(page, signer().sign(f"{key}.{2**33}"), "This file is no longer kept.")
    require_no_barriers(page)


@pytest.mark.usefixtures("worker")
def test_the_link_of_a_report_that_was_revoked_has_no_violations(page, site, key):
    site.execute(f"UPDATE auth_user SET first_name = '{BARRED}'")
    text = "The report of this link is no longer accessible."
    open_link(page, signer().sign(f"{key}.{2**33}"), text)
    require_no_barriers(page)
