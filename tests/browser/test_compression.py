"""What a browser saves of a compressed report."""

import csv
import gzip
from pathlib import Path

COMPRESSED = "/compressed/"


def save(page, link):
    """Return the file that a link leads to, and the encoding in which it was sent."""
    responses = []
    page.context.on("response", lambda response: responses.append(response))
    with page.expect_download() as download:
        page.get_by_role("link", name=link, exact=True).click()
    encoding = responses[-1].header_value("content-encoding")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes(), encoding


def rows_of(content):
    header, *rows = csv.reader(content.decode().splitlines())
    assert header == ["ID", "Status"]
    return rows


def test_a_file_is_saved_as_it_was_before_it_was_compressed(open_page, site):
    name, content, encoding = save(open_page(COMPRESSED), "Download CSV")
    assert (name, encoding) == ("cargoes.csv", "gzip")
    assert content.endswith(b"\r\n")
    assert rows_of(content) == site.rows("SELECT id, status FROM cargo_cargo ORDER BY id")


def test_a_compressed_file_is_saved_as_it_is(open_page, site):
    name, content, encoding = save(open_page(COMPRESSED), "Download CSV (gzip)")
    assert (name, encoding) == ("cargoes.csv.gz", None)
    expected = site.rows("SELECT id, status FROM cargo_cargo ORDER BY id")
    assert rows_of(gzip.decompress(content)) == expected
