"""Links in the README and the manual lead somewhere, on GitHub as in the HTML."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

FENCE = re.compile(r"^( *)```.*?^\1```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)")
IMAGE = re.compile(r"(?:\{image\} |src(?:set)?=\")([^\s\"]+)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def name_of(page):
    return str(page.relative_to(ROOT))


def prose(page):
    """Return the text of a page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page):
    return LINK.findall(CODE.sub("`code`", prose(page)))


def anchors(page):
    """Return the anchors that GitHub and MyST give to the headings of a page."""
    found = []
    for heading in HEADING.findall(prose(page)):
        text = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
        found.append(f"{slug}-{found.count(slug)}" if slug in found else slug)
    return found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_internal_links_lead_to_files_and_headings(page):
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_pages_show_each_image_that_there_is():
    shown = {
        (page.parent / image).resolve()
        for page in PAGES
        for image in IMAGE.findall(page.read_text(encoding="utf-8"))
    }
    assert shown == set((ROOT / "docs" / "images").iterdir())


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_external_links_are_encrypted(page):
    external = [link for link in links(page) if re.match(r"[a-z]+:", link)]
    assert [link for link in external if not link.startswith(("https://", "mailto:"))] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_has_one_title(page):
    if "{include}" not in page.read_text(encoding="utf-8"):
        assert len(re.findall(r"^# .+$", prose(page), re.MULTILINE)) == 1


def test_a_page_of_the_manual_links_to_pages_not_to_html():
    assert [
        (name_of(page), link)
        for page in PAGES
        for link in links(page)
        if not link.startswith("https:") and ".html" in link
    ] == []
