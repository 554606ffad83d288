"""What visitors of the site do."""

import csv
from pathlib import Path

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES = ["light", "dark"]
WIDTHS = [1280, 390]  # pixels


def log_in(page, name):
    """Fill in the log-in form of a page; each password is the name."""
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(name)
    page.get_by_role("button", name="Log in").click()


def read(download):
    """Return the rows of a file that the browser has saved."""
    with Path(download.path()).open(newline="") as file:
        return list(csv.reader(file))


# axe-core takes a page without a background for a white one, also if browsers paint it dark.
PAINT_CANVAS = """() => {
  const isTransparent = each => getComputedStyle(each).backgroundColor === "rgba(0, 0, 0, 0)";
  if ([document.documentElement, document.body].every(isTransparent))
    document.documentElement.style.backgroundColor = "Canvas";
}"""


def violations(page, within="html"):
    """Return what axe-core finds in an element of a page, a line each."""
    page.evaluate(AXE.read_text())
    page.evaluate(PAINT_CANVAS)
    # To look into imported stylesheets, axe-core would add inline ones, which the policy forbids.
    run = "within => axe.run(within, {preload: false}).then(results => results.violations)"
    found = page.evaluate(run, within)
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def require_no_barriers(page):
    """Check that a page has no violations, light and dark, and fits the screen of a phone."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found = violations(page)
            assert not found, (width, scheme, found)
        assert page.evaluate("document.documentElement.scrollWidth") == width
