"""Pages of HtmlFormat in a browser, while they arrive."""

from urllib.request import urlopen

from playwright.sync_api import expect

END = "300 rows, complete"
IS_PAINTED = "performance.getEntriesByName('first-contentful-paint').length"


def follow(page, path):
    """Have the browser go to a page, which may still be arriving."""
    page.goto(path, wait_until="commit")
    return page


def paints(page):
    """Return True as soon as the browser has put pixels of the content on the screen."""
    for _ in range(600):
        if page.evaluate(IS_PAINTED):
            return True
        page.wait_for_timeout(50)
    return False


def test_rows_are_painted_before_the_response_ends(open_page, site):
    page = follow(open_page("/one/"), "/waiting/")
    expect(page.get_by_role("cell", name="<i>1</i>", exact=True)).to_be_visible()
    assert paints(page)
    assert page.evaluate("document.readyState") == "loading"
    assert page.get_by_text("complete").count() == 0
    urlopen(f"{site.url}/release/").close()
    expect(page.get_by_text(END)).to_be_visible()
    assert page.get_by_role("row").count() == 301


def test_a_page_that_was_cut_does_not_say_that_it_is_complete(open_page):
    page = open_page("/one/", allowed="ERR_")
    follow(page, "/cut/").wait_for_load_state()
    assert page.get_by_role("cell", name="<i>1</i>", exact=True).count() == 1
    assert page.get_by_text("complete").count() == 0
    assert page.locator("figcaption").count() == 0


def test_no_script_of_a_safe_column_runs(open_page):
    page = open_page("/one/", allowed="Content Security Policy")
    follow(page, "/script/").wait_for_load_state()
    page.get_by_text("b", exact=True).click()
    expect(page.get_by_text("1 row, complete")).to_be_visible()
    assert page.title() == "Cargoes"


def test_the_style_of_the_page_is_allowed_and_numbers_are_aligned(open_page):
    page = open_page("/reports/cargoes/?format=html")
    cell = page.get_by_role("cell").first
    assert cell.evaluate("cell => getComputedStyle(cell).textAlign") == "right"
    assert cell.evaluate("cell => getComputedStyle(cell).whiteSpace") == "pre-wrap"


def test_the_table_scrolls_on_a_phone(open_page):
    page = open_page("/reports/cargoes/?format=html", viewport={"width": 360, "height": 640})
    region = page.get_by_role("region")
    assert region.evaluate("region => region.scrollWidth > region.clientWidth")
    assert region.evaluate("region => region.scrollHeight > region.clientHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= 360")
    expect(page.get_by_text(END)).to_be_in_viewport()


def test_the_comments_of_the_demo_are_painted_one_by_one(open_page):
    page = follow(open_page("/one/"), "/streamed/comments/")
    expect(page.get_by_role("listitem")).not_to_have_count(0)
    assert paints(page)
    expect(page.get_by_role("listitem")).to_have_count(6)
