"""The script of the manual's screenshots takes each picture, and fails if a page is gone."""

import os
import re
import runpy
import subprocess
import sys

import pytest
from PIL import Image, ImageStat

from benchmarks.servers import free_port
from tests.browser.conftest import ROOT

SCRIPT = ROOT / "docs" / "screenshots.py"
PAGES = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
SHOWN = re.compile(r"\bimages/([\w.-]+)")


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """Return the folder in which the script put its pictures."""
    folder = tmp_path_factory.mktemp("images")
    done = subprocess.run(
        [sys.executable, SCRIPT, folder],
        env={**os.environ, "PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(SCRIPT))


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_the_script_takes_the_pictures_that_the_manual_shows_and_no_other(taken):
    shown = {name for page in PAGES for name in SHOWN.findall(page.read_text(encoding="utf-8"))}
    assert names(taken) == shown


def test_the_pictures_in_the_repository_are_those_of_the_script(taken):
    assert names(ROOT / "docs" / "images") == names(taken)


@pytest.mark.parametrize("picture", ["report", "export", "admin"])
def test_a_picture_is_taken_light_and_dark(picture, taken):
    def brightness(scheme):
        with Image.open(taken / f"{picture}-{scheme}.png") as image:
            return ImageStat.Stat(image.convert("L")).mean[0]

    assert brightness("dark") < 100 < 200 < brightness("light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("picture", ["report", "export", "admin"])
def test_the_pictures_in_the_repository_have_the_size_of_those_taken(picture, scheme, taken):
    name = f"{picture}-{scheme}.png"
    with Image.open(ROOT / "docs/images" / name) as kept, Image.open(taken / name) as new:
        assert kept.size == new.size


def test_a_page_that_is_gone_ends_the_script(script, open_page):
    page = open_page(allowed="404 (Not Found)")
    with pytest.raises(SystemExit, match=r"^/gone/: 404$"):
        script["visit"](page, "/gone/")


def test_a_page_that_fails_ends_the_script(script, open_page):
    page = open_page(allowed="500 (Internal Server Error)")
    page.route("**/reports/cargoes/**", lambda route: route.fulfill(status=500, body="Failed"))
    with pytest.raises(SystemExit, match=r"^/reports/cargoes/\?.*: 500$"):
        script["show_report"](page)


def test_a_page_without_what_the_picture_shows_ends_the_script(script, open_page):
    page = open_page()
    page.route("**/admin/cargo/cargo/", lambda route: route.fulfill(body="<h1>Cargoes</h1>"))
    with pytest.raises(AssertionError, match="Locator expected to be visible"):
        script["show_changelist"](page)
