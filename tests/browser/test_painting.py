"""Pages that three browsers paint while they arrive, as seen on the screen.

Firefox and WebKit have no driver among the project's dependencies, so they only open a page. What
is on the screen is what counts: the rows may be in the document and not be painted.
"""

import os
import signal
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from PIL import ImageGrab

from tests.browser.conftest import CHROMIUM

PAINTED_WITHIN = 110  # seconds: less than the page waits
MAGENTA = (255, 0, 255)
# Keep Firefox from opening pages of its own.
PREFERENCES = """
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("trailhead.firstrun.didSeeAboutWelcome", true);
"""


def webkit():
    """Return the small browser that comes with WebKit's library."""
    (path,) = Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser")
    return str(path)


def command(browser, profile, url):
    if browser == "Firefox":
        Path(profile, "user.js").write_text(PREFERENCES)
        return ["firefox-esr", "--no-remote", "--profile", profile, url]
    if browser == "WebKit":
        return [webkit(), url]
    options = ["--no-sandbox", "--no-first-run", "--disable-gpu", "--window-size=1000,700"]
    return [CHROMIUM, *options, f"--user-data-dir={profile}", url]


@pytest.fixture(scope="module")
def display():
    """Have a screen, and return its name."""
    read, write = os.pipe()
    arguments = ["Xvfb", "-noreset", "-displayfd", str(write), "-screen", "0", "1024x768x24"]
    with subprocess.Popen(arguments, pass_fds=[write], stderr=subprocess.DEVNULL) as screen:
        os.close(write)
        with os.fdopen(read) as pipe:
            name = f":{pipe.readline().strip()}"
        yield name
        screen.terminate()


@pytest.fixture
def show(display, site, tmp_path):
    """Return the function that opens a page of the site in a browser."""
    browsers = []

    def show(browser, path):
        profile = str(tmp_path)
        environment = {**os.environ, "DISPLAY": display, "HOME": profile}
        browsers.append(
            subprocess.Popen(
                command(browser, profile, f"{site.url}{path}"),
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )

    yield show
    for browser in browsers:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()


def is_on_screen(display):
    """Return True if there is a patch of magenta on the screen."""
    colours = ImageGrab.grab(xdisplay=display).convert("RGB").getcolors(1 << 24)
    return any(count > 100 and colour == MAGENTA for count, colour in colours)


@pytest.mark.parametrize("path", ["/magenta/report/", "/magenta/pieces/"])
@pytest.mark.parametrize("browser", ["Chromium", "Firefox", "WebKit"])
def test_a_browser_paints_a_page_that_waits_in_the_middle(show, display, site, browser, path):
    show(browser, path)
    deadline = time.monotonic() + PAINTED_WITHIN
    while not is_on_screen(display) and time.monotonic() < deadline:
        time.sleep(0.2)
    painted = is_on_screen(display)
    urlopen(f"{site.url}/release/").close()  # The server has sent the first part only.
    assert painted
