"""The manual is built as HTML and as one text."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build the manual, warnings as errors. A page in no toctree is a warning."""
    folder = tmp_path_factory.mktemp("manual") / "html"
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    done = subprocess.run([*command, DOCS, folder], capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    return folder


def titles():
    """Return the first line of each page, or of the file that it includes."""
    lines = []
    for page in DOCS.rglob("*.md"):
        line = page.read_text(encoding="utf-8").partition("\n")[0]
        if line.startswith("```{include} "):
            included = page.parent / line.removeprefix("```{include} ")
            line = included.read_text(encoding="utf-8").partition("\n")[0]
        lines.append(line)
    return lines


def test_each_page_is_built(built):
    sources = {page.relative_to(DOCS).with_suffix("") for page in DOCS.rglob("*.md")}
    pages = {page.relative_to(built).with_suffix("") for page in built.rglob("*.html")}
    assert sources <= pages


def test_one_text_has_each_page_once(built):
    lines = (built / "llms.txt").read_text(encoding="utf-8").splitlines()
    assert {title: lines.count(title) for title in titles()} == dict.fromkeys(titles(), 1)


def test_the_one_text_has_no_directives_of_sphinx(built):
    text = (built / "llms.txt").read_text(encoding="utf-8")
    assert [directive for directive in ("{toctree}", "{include}") if directive in text] == []


def test_the_version_is_that_of_the_package(built):
    from streamreports import __version__

    assert f"streamreports {__version__}" in (built / "index.html").read_text(encoding="utf-8")
