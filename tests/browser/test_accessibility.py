"""Nothing on any page is a barrier, as far as axe-core can tell."""

import pytest

from tests.browser.support import violations

PAGES = {
    "index": "/",
    "source": "/source/views/",
    "log-in": "/accounts/login/",
    "log-in-error": "/accounts/login/",
    "report": "/reports/cargoes/",
    "chosen": "/reports/cargoes/?status=held&columns=weight,commodity&ordering=-weight",
    "errors": "/reports/cargoes/?weight_min=x&status=9&columns=no&ordering=no&nothing=1",
    "no-rows": "/reports/cargoes/?commodity=nothing",
    "timed-out": "/slow/",
    "no-form": "/one/",
    "download": "/?download=/reports/cargo.csv",
}


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_has_no_violations(open_page, path, scheme, width):
    page = open_page(
        path,
        allowed="400 (Bad Request)",
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
    )
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_watched_download_has_no_violations(open_page, scheme):
    page = open_page("/", color_scheme=scheme)
    for button in page.get_by_role("button", name="Watch a download").all():
        button.click()
    for outcome in ("complete", "truncated"):
        page.locator(f"[data-outcome={outcome}]:not([hidden])").wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_open_form_on_a_phone_has_no_violations(open_page, scheme):
    page = open_page(PAGES["report"], color_scheme=scheme, viewport={"width": 320, "height": 800})
    page.get_by_text("Filters and columns").click()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_updated_page_has_no_violations(open_page, scheme):
    page = open_page(PAGES["report"], color_scheme=scheme, allowed="400 (Bad Request)")
    page.get_by_label("From").nth(1).fill("x")
    page.get_by_text("Enter a number.").wait_for()
    assert violations(page) == []
