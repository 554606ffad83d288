"""Which clients notice that a transfer is truncated, and if a proxy hides it."""

import subprocess
from html import escape
from http.client import IncompleteRead
from urllib.request import Request, urlopen

import pytest

from tests.servers import truncated
from tests.servers.processes import HOST
from tests.servers.proxies import nginx

EVERY = [(format, False) for format in [*truncated.TEXT, *truncated.BINARY, *truncated.PAGES]]
EVERY += [(format, True) for format in ("csv", "jsonl")]
each_transfer = pytest.mark.parametrize(("format", "compressed"), EVERY)
each_way = pytest.mark.parametrize("way", [truncated.VISIBLE, truncated.HIDDEN])


@pytest.fixture(scope="module")
def ports(site):
    """Yield the port of the server, and that of a proxy that hides how transfers end."""
    with nginx(site.port, version="1.0") as hidden:
        yield {truncated.VISIBLE: site.port, truncated.HIDDEN: hidden}


@pytest.fixture
def url_of(ports):
    """Return the function that makes the URL of a transfer."""

    def make(format, compressed, parameters, way=truncated.VISIBLE):
        path = truncated.path_of(format, parameters, compressed=compressed)
        return f"http://{HOST}:{ports[way]}{path}"

    return make


@pytest.fixture
def seen(format, compressed, way):
    """Return the function that compares what a client notices with the table."""

    def compare(client, words):
        row = f"{format}, compressed" if compressed else format
        truncated.TRANSFERS.seen(row, f"{client}{way}", words)

    return compare


@each_way
@each_transfer
def test_curl_notices(format, compressed, way, url_of, seen):
    def status_of(parameters):
        url = url_of(format, compressed, parameters, way)
        return subprocess.run(
            ["curl", "-s", "--fail", "--compressed", "-o", "/dev/null", url]
        ).returncode

    assert status_of(truncated.COMPLETE) == 0
    status = status_of(truncated.FAILING)
    seen("curl", f"exit code {status}" if status else truncated.NOT_DETECTED)


@each_way
@each_transfer
def test_python_notices(format, compressed, way, url_of, seen):
    def read(parameters):
        headers = {"Accept-Encoding": "gzip"} if compressed else {}
        request = Request(url_of(format, compressed, parameters, way), headers=headers)
        with urlopen(request) as response:
            assert response.headers["Content-Encoding"] == ("gzip" if compressed else None)
            return response.read()

    assert read(truncated.COMPLETE)
    try:
        assert read(truncated.FAILING)
    except IncompleteRead:
        seen("urllib", "IncompleteRead")
    else:
        seen("urllib", truncated.NOT_DETECTED)


@each_way
@each_transfer
def test_chromium_notices(format, compressed, way, url_of, page, seen):
    def impression(parameters):
        url = url_of(format, compressed, parameters, way)
        if format not in truncated.PAGES:
            return ["download fails"] if download_fails(page, url) else []
        noticed = ["error in the console"] if visit_fails(page, url) else []
        if format == "html" and not page.locator("figcaption").count():
            noticed.append(truncated.NO_ROW_COUNT)
        return noticed

    assert impression(truncated.COMPLETE) == []
    seen("Chromium", ", ".join(impression(truncated.FAILING)) or truncated.NOT_DETECTED)


def download_fails(page, url):
    """Return whether the browser reports an error for a file that it saves."""
    with page.expect_download() as started:
        page.set_content(f'<a href="{escape(url)}">Download</a>')
        page.get_by_role("link").click()
    return started.value.failure() is not None


def visit_fails(page, url):
    """Return whether the browser logs an error for a page that it shows."""
    ended = []
    for event in ("requestfinished", "requestfailed"):
        page.on(event, lambda request: ended.append(request))
    page.goto(url, wait_until="commit")
    while not any(request.is_navigation_request() for request in ended):
        page.wait_for_timeout(20)
    if ended[0].failure:
        return True  # This page is never loaded.
    page.wait_for_load_state()
    return False
