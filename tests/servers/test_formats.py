"""A file or page of each kind arrives whole or visibly fails, on every server."""

import gzip
import io
import zipfile

import pytest

from tests.servers import table
from tests.servers.client import SILENT, get
from tests.servers.many import MUTE

ROWS = 6000
END = b"<p>That was all.</p>\n"
FAILING = f"rows={ROWS}&raises_in=5000"


def read(server, path):
    """Return the answer to a request that succeeds."""
    answer = get(server.port, path)
    assert answer.status == 200
    assert answer.ending != SILENT
    return answer


def read_failing(server, path):
    """Return the answer to a request that fails as that of a CSV report does."""
    patience = 2 if server.name in MUTE else 30
    answer = get(server.port, f"{path}{FAILING}", patience=patience)
    assert answer.status == 200
    assert answer.body
    assert answer.impression == table.expected(server.name, table.FAILS)
    assert server.reports()[-1][0] == "failed"
    return answer


def test_a_workbook_arrives_whole(server):
    answer = read(server, f"/formats?format=xlsx&rows={ROWS}")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as workbook:
        assert workbook.testzip() is None
        assert workbook.read("xl/worksheets/sheet1.xml").count(b"<row") == ROWS + 1
    assert ("completed", ROWS, len(answer.body)) in server.reports()


def test_a_workbook_that_fails_is_no_archive(server):
    answer = read_failing(server, "/formats?format=xlsx&")
    assert answer.body.startswith(b"PK")
    assert not zipfile.is_zipfile(io.BytesIO(answer.body))


def test_a_compressed_file_arrives_whole(server):
    compressed = read(server, f"/formats?format=csv.gz&rows={ROWS}").body
    plain = read(server, f"/formats?format=csv&rows={ROWS}").body
    assert gzip.decompress(compressed) == plain
    assert plain.count(b"\r\n") == ROWS + 1


def test_a_compressed_file_that_fails_has_no_end(server):
    answer = read_failing(server, "/formats?format=csv.gz&")
    with pytest.raises(EOFError):
        gzip.decompress(answer.body)


def test_a_page_arrives_whole(server):
    answer = read(server, f"/page?rows={ROWS}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.body.count(b"<p>") == ROWS + 1
    assert answer.body.endswith(END)


def test_a_page_that_fails_lacks_its_end(server):
    answer = read_failing(server, "/page?")
    assert answer.body.startswith(b"<!doctype html>")
    assert answer.body.endswith(b"</p>\n")
    assert END not in answer.body
    assert b"no paragraph" not in answer.body
