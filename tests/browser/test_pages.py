"""What a visitor does with the page of a report."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.support import log_in, read

CARGOES = "/reports/cargoes/"
without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


def submit(page, script):
    """Have the page show what the form selects; with a script it does so by itself."""
    if not script:
        page.get_by_role("button", name="Show").click()


def download_csv(page):
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV", exact=True).click()
    return download.value


@without_script
def test_a_filter_is_followed_by_the_rows_and_the_file(open_page, site, script):
    page = open_page(CARGOES, java_script_enabled=script)
    page.get_by_role("listbox", name="Status").select_option(label="Held by customs")
    page.get_by_role("combobox", name="Carrier").select_option(label="Blue Anchor Line")
    submit(page, script)
    expected = site.rows(
        "SELECT c.id FROM cargo_cargo c JOIN cargo_carrier r ON r.id = c.carrier_id"
        " WHERE c.status = 'held' AND r.name = 'Blue Anchor Line' ORDER BY c.id"
    )
    expect(page.locator("[data-report-summary]")).to_contain_text(f"{len(expected)} rows")
    expect(page).to_have_url(re.compile(r"/reports/cargoes/\?status=held&carrier=1$"))
    header, *rows = read(download_csv(page))
    assert header[:3] == ["ID", "Commodity", "Status"]
    assert [row[:1] for row in rows] == expected
    assert {row[2] for row in rows} == {"Held by customs"}


@without_script
def test_the_columns_are_chosen_and_ordered(open_page, site, script):
    page = open_page(CARGOES, java_script_enabled=script)
    for box in page.get_by_role("checkbox").all():
        if box.get_attribute("value") not in ("id", "weight", "commodity"):
            box.uncheck()
    page.get_by_label("Position of Weight (kg)").fill("1")
    submit(page, script)
    expect(page.locator("th")).to_have_text(["Weight (kg)", "ID", "Commodity"])
    expect(page).to_have_url(re.compile(r"/reports/cargoes/\?columns=weight,id,commodity$"))
    header, *rows = read(download_csv(page))
    assert header == ["Weight (kg)", "ID", "Commodity"]
    assert [[row[1]] for row in rows] == site.rows("SELECT id FROM cargo_cargo ORDER BY id")


@without_script
def test_the_rows_are_ordered(open_page, site, script):
    page = open_page(CARGOES, java_script_enabled=script)
    page.get_by_label("Order").select_option(label="ID, descending")
    submit(page, script)
    last = site.rows("SELECT max(id) FROM cargo_cargo")[0][0]
    expect(page.locator("td").first).to_have_text(last)
    rows = read(download_csv(page))
    assert rows[1][0] == last


@without_script
def test_an_invalid_filter_is_said_beside_its_field(open_page, script):
    page = open_page(CARGOES, java_script_enabled=script, allowed="400 (Bad Request)")
    page.get_by_label("From").nth(1).fill("heavy")
    submit(page, script)
    group = page.get_by_role("group", name="Weight (kg)")
    expect(group).to_contain_text("Enter a number.")
    expect(group.get_by_label("From")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("table")).to_have_count(0)


@without_script
def test_a_corrected_filter_shows_the_rows_again(open_page, script):
    page = open_page(
        f"{CARGOES}?weight_min=heavy", java_script_enabled=script, allowed="400 (Bad Request)"
    )
    group = page.get_by_role("group", name="Weight (kg)")
    group.get_by_label("From").fill("1")
    submit(page, script)
    expect(page.get_by_role("table")).to_be_visible()
    expect(group).not_to_contain_text("Enter a number.")
    assert group.get_by_label("From").get_attribute("aria-invalid") is None


# With a script


def test_the_columns_are_sorted_while_the_focus_stays(open_page):
    page = open_page(CARGOES)
    position = page.get_by_label("Position of Weight (kg)")
    position.fill("1")
    expect(page.locator("[data-report-columns] li").first).to_contain_text("Weight (kg)")
    expect(position).to_be_focused()
    expect(page.get_by_label("Position of ID")).to_have_value("2")


def test_what_changed_is_announced(open_page):
    page = open_page(CARGOES)
    page.get_by_label("Commodity contains").fill("no such thing")
    expect(page.locator("[data-report-status]")).to_have_text(re.compile("^no rows"))


def test_the_last_of_several_changes_is_shown(open_page):
    page = open_page(CARGOES)
    page.route("**/*commodity=Te", lambda route: page.wait_for_timeout(500) or route.continue_())
    field = page.get_by_label("Commodity contains")
    field.fill("Te")
    page.wait_for_timeout(450)
    field.fill("Tea")
    expect(page).to_have_url(re.compile(r"commodity=Tea$"))
    expect(page.locator("td:nth-child(2)").first).to_have_text("Tea")


def test_an_error_of_the_server_is_said_and_the_form_stays_usable(open_page):
    page = open_page("/failing/", allowed="500 (Internal Server Error)")
    field = page.get_by_label("Commodity contains")
    field.fill("Tea")
    expect(page.locator("[data-report-results]")).to_have_text(
        re.compile("The preview could not be loaded.")
    )
    field.fill("")
    expect(page.get_by_role("table")).to_be_visible()


def test_an_error_of_the_database_is_an_ordinary_error_page(open_page):
    page = open_page("/failing/?commodity=Tea", allowed="Failed to load resource")
    expect(page.get_by_role("heading")).to_have_text("Server Error (500)")


def test_a_network_error_is_said(open_page):
    page = open_page(CARGOES, allowed="ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    page.get_by_label("Commodity contains").fill("Tea")
    expect(page.locator("[data-report-status]")).to_have_text(
        re.compile("The preview could not be loaded.")
    )


def test_the_page_goes_to_the_log_in_page_if_the_server_asks_for_it(open_page, site):
    page = open_page(CARGOES)
    log_in = f"{site.url}/accounts/login/?next=/reports/cargoes/"
    page.route(
        "**/*commodity=*",
        lambda route: route.fulfill(status=302, headers={"Location": log_in}),
    )
    page.get_by_label("Commodity contains").fill("Tea")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


# Log-in


@without_script
def test_a_log_in_that_leads_to_a_file_goes_on(open_page, site, script):
    page = open_page("/accounts/login/?next=/reports/cargo-private.csv", java_script_enabled=script)
    with page.expect_download() as download:
        log_in(page, "reader")
    expect(page.get_by_role("heading", name="Reports")).to_be_visible()
    rows = read(download.value)[1:]
    expected = site.rows(
        "SELECT id FROM cargo_cargo WHERE status = 'held' ORDER BY CAST(weight AS REAL) DESC, id"
    )
    assert [row[:1] for row in rows] == expected


def test_a_log_in_that_leads_to_a_page_goes_there(open_page):
    page = open_page("/accounts/login/?next=/reports/cargoes/%3Fstatus%3Dheld")
    log_in(page, "reader")
    expect(page).to_have_url(re.compile(r"/reports/cargoes/\?status=held$"))


def test_staff_see_more_columns(open_page):
    page = open_page("/accounts/login/?next=/reports/cargoes/")
    log_in(page, "admin")
    expect(page.get_by_role("checkbox", name="Price per kg")).to_be_checked()
    assert "Price per kg" in read(download_csv(page))[0]


# Narrow screens


def test_on_a_phone_the_form_is_closed_and_the_first_column_stays(open_page):
    page = open_page(CARGOES, viewport={"width": 320, "height": 640})
    expect(page.get_by_label("Commodity contains")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    cell = page.locator("tbody td").first
    before = cell.bounding_box()["x"]
    page.get_by_role("region", name="First 50 rows").evaluate("each => each.scrollBy(200, 0)")
    assert cell.bounding_box()["x"] == pytest.approx(before, abs=1)


def test_on_a_phone_a_form_with_errors_is_open(open_page):
    page = open_page(
        f"{CARGOES}?weight_min=heavy",
        viewport={"width": 320, "height": 640},
        allowed="400 (Bad Request)",
    )
    expect(page.get_by_text("Enter a number.")).to_be_visible()


def test_on_a_phone_the_button_closes_the_form(open_page):
    page = open_page(CARGOES, viewport={"width": 320, "height": 640})
    panel = page.get_by_text("Filters and columns")
    panel.click()
    page.get_by_label("Commodity contains").fill("Tea")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label("Commodity contains")).to_be_hidden()
    expect(panel).to_be_focused()
    expect(page).to_have_url(re.compile(r"commodity=Tea$"))
