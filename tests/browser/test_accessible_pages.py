"""Nothing is a barrier on streamed pages, in lists, and in the templates of the app."""

import pytest
from playwright.sync_api import expect

from tests.browser.support import log_in, require_no_barriers

PAGES = {
    "comments": "/streamed/comments/",
    "template": "/streamed/template/",
    "hello": "/streamed/hello/",
    "hello-name": "/streamed/hello/?name=Ana",
    "table": "/reports/cargoes/?format=html",
    "empty-table": "/empty/",
    "list": "/carriers/",
    "app-report": "/plain/",
    "app-report-errors": "/plain/?columns=no&nothing=1",
    "app-index": "/plain/index/",
}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_has_no_violations(open_page, path):
    require_no_barriers(open_page(path, allowed="400 (Bad Request)"))


def test_a_table_in_another_language_has_no_violations(open_page):
    page = open_page("/reports/cargoes/?format=html", locale="ja")
    assert page.evaluate("document.documentElement.lang") == "ja"
    require_no_barriers(page)


def test_a_table_that_was_cut_has_no_violations(open_page):
    page = open_page("/one/", allowed="ERR_")
    page.goto("/cut/", wait_until="commit")
    page.wait_for_load_state()
    require_no_barriers(page)


def test_a_list_with_exports_has_no_violations(open_page):
    page = open_page("/accounts/login/?next=/carriers/")
    log_in(page, "reader")
    expect(page.get_by_role("button", name="Prepare in the background")).to_be_visible()
    require_no_barriers(page)
