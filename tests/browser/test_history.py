"""The addresses of a report's page, and the way back to them."""

import re

import pytest
from playwright.sync_api import expect

CARGOES = "/reports/cargoes/"
COMMODITY = "Commodity contains"


@pytest.fixture
def page(open_page):
    """Return the page of a report that was opened from the index."""
    page = open_page("/")
    page.goto(CARGOES)
    return page


def test_each_change_can_be_gone_back(page):
    field = page.get_by_label(COMMODITY)
    for text in ("Tea", "Coffee"):
        field.fill(text)
        expect(page).to_have_url(re.compile(f"commodity={text}$"))
    page.go_back()
    expect(field).to_have_value("Tea")
    expect(page.locator("td:nth-child(2)").first).to_have_text("Tea")
    page.go_back()
    expect(page).to_have_url(re.compile(f"{CARGOES}$"))
    expect(field).to_have_value("")
    page.go_forward()
    expect(field).to_have_value("Tea")
    page.go_back()
    expect(field).to_have_value("")
    page.go_back()
    expect(page.get_by_role("heading", name="Reports")).to_be_visible()


def test_showing_the_same_again_is_no_change(page):
    page.get_by_label(COMMODITY).fill("Tea")
    for _ in range(2):
        page.get_by_role("button", name="Show").click()
        expect(page).to_have_url(re.compile("commodity=Tea$"))
        expect(page.locator("[data-report-results][aria-busy]")).to_have_count(0)
    page.go_back()
    expect(page).to_have_url(re.compile(f"{CARGOES}$"))


def test_the_script_asks_for_the_canonical_address(page):
    requests = []
    page.on("request", lambda request: requests.append(request.url.partition("?")[2]))
    for box in page.get_by_role("checkbox").all()[4:]:
        box.uncheck()
    page.get_by_label("Position of Weight (kg)").fill("2")
    expect(page.locator("th")).to_have_text(["ID", "Weight (kg)", "Commodity", "Status"])
    page.get_by_label("Position of ID").fill("3")
    expect(page.locator("th")).to_have_text(["Weight (kg)", "Commodity", "ID", "Status"])
    page.get_by_label(COMMODITY).fill("a, b")
    expect(page).to_have_url(re.compile("commodity="))
    assert [each for each in requests if each] == [
        "columns=id,weight,commodity,get_status_display",
        "columns=weight,commodity,id,get_status_display",
        "commodity=a,+b&columns=weight,commodity,id,get_status_display",
    ]


def test_the_default_columns_are_not_in_the_address(page):
    box = page.get_by_role("checkbox", name="Tags")
    box.uncheck()
    expect(page).to_have_url(re.compile("columns="))
    box.check()
    expect(page).to_have_url(re.compile(f"{CARGOES}$"))
