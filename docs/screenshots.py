"""Take the screenshots of the manual from the demo: ``python docs/screenshots.py [folder]``.

Needs the extras demo and browser, and Chromium (CHROMIUM names it). Each picture is taken light and
dark, into docs/images or the given folder. The script fails if a page is gone, or lacks what the
picture shows.
"""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PORT = int(os.environ.get("PORT", "8765"))
ROWS = 20_000
SIZE = {"width": 1280, "height": 860}
UPPER_HALF = {"x": 0, "y": 0, **SIZE, "height": 460}
FILTERED = "/reports/cargoes/?status=loaded&status=held&ordering=-picked_up_at"


def take_all(folder):
    """Take each picture, light and dark, into a folder."""
    folder.mkdir(exist_ok=True)
    with demo() as manage, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_context(
                base_url=f"http://127.0.0.1:{PORT}", viewport=SIZE, color_scheme=scheme
            ).new_page()
            log_in(page, "/reports/cargoes/")
            show_report(page)
            page.screenshot(path=folder / f"report-{scheme}.png")
            show_export(page, manage)
            page.screenshot(path=folder / f"export-{scheme}.png", clip=UPPER_HALF)
            page.get_by_role("button", name="Delete").click()
            page.context.clear_cookies()
            log_in(page, "/admin/")
            show_changelist(page)
            page.screenshot(path=folder / f"admin-{scheme}.png")
        browser.close()


def show_report(page):
    """Open the report, filtered."""
    visit(page, FILTERED)
    expect(page.get_by_role("heading", name="Cargoes")).to_be_visible()
    expect(page.get_by_role("link", name="Download CSV", exact=True)).to_be_visible()


def show_export(page, manage):
    """Prepare an export in the background, and open its page when it is done."""
    visit(page, "/reports/cargoes/")
    page.get_by_role("button", name="Prepare in the background").click()
    manage("exports", "run", "--once")
    page.reload()
    expect(page.get_by_role("status")).to_have_text("Ready")


def show_changelist(page):
    """Open the changelist of the cargoes."""
    visit(page, "/admin/cargo/cargo/")
    expect(page.get_by_role("link", name="Export", exact=True)).to_be_visible()


def visit(page, path):
    """Open a page, which must exist."""
    response = page.goto(path)
    if response is None or not response.ok:
        raise SystemExit(f"{path}: {response and response.status}")


def log_in(page, path):
    """Log in, as an administrator for the admin."""
    name = "admin" if path == "/admin/" else "reader"
    visit(page, f"/accounts/login/?next={path}")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(name)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(path)


@contextmanager
def demo():
    """Serve the demo from a database of its own; yield a function that runs its commands."""
    with TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "demo_project.settings",
            "DATABASE": "sqlite",
            "SQLITE_NAME": f"{folder}/demo.sqlite3",
        }

        def start(*arguments):
            command = [sys.executable, "manage.py", *arguments]
            return subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603 - our own

        def manage(*arguments):
            if start(*arguments).wait():
                raise SystemExit(f"manage.py {' '.join(arguments)} failed.")

        manage("demo", "--no-serve", "--rows", str(ROWS))
        server = start("runserver", "--noreload", f"127.0.0.1:{PORT}")
        try:
            wait_for(f"http://127.0.0.1:{PORT}/")
            yield manage
        finally:
            server.terminate()
            server.wait()


def wait_for(url):
    """Wait until the server answers, for a minute at most."""
    for _ in range(600):
        try:
            with urlopen(url, timeout=60):  # noqa: S310 - of this machine
                return
        except URLError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer.")


if __name__ == "__main__":
    take_all(Path(sys.argv[1]) if sys.argv[1:] else IMAGES)
