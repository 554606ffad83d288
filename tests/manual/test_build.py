"""The manual is built as HTML and as one text."""

import re
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


def test_each_page_is_built(built):
    sources = {page.relative_to(DOCS).with_suffix("") for page in DOCS.rglob("*.md")}
    pages = {page.relative_to(built).with_suffix("") for page in built.rglob("*.html")}
    assert sources <= pages


def test_the_text_has_each_page_of_the_tutorial_the_guides_and_the_reference_in_order(built):
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = re.findall(r"^((?:how-to|reference)/[\w-]+|tutorial)$", index, re.MULTILINE)
    titles = [
        (DOCS / f"{page}.md").read_text(encoding="utf-8").partition("\n")[0] for page in pages
    ]
    lines = (built / "llms.txt").read_text(encoding="utf-8").splitlines()
    assert [line[1:] for line in lines if line[1:] in titles] == [
        title for title in titles if title != "# System checks"
    ]


def test_the_version_is_that_of_the_package(built):
    from streamreports import __version__

    assert f"streamreports {__version__}" in (built / "index.html").read_text(encoding="utf-8")
