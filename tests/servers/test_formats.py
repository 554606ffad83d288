"""A file or page of each kind arrives whole or visibly fails, on every server."""

import gzip
import io
import zipfile

import pytest

from tests.servers import table
from tests.servers.client import SILENT, Exchange, get
from tests.servers.many import MUTE

ROWS = 6000
ENDS = {"page": b"<p>That was all.</p>\n", "template": b"</main>\n</body>\n</html>\n"}
FAILING = f"rows={ROWS}&raises_in=5000"

pages = pytest.mark.parametrize("page", ENDS)


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


@pages
def test_a_page_arrives_whole(server, page):
    answer = read(server, f"/{page}?rows={ROWS}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.body.count(b"<p>No. ") == ROWS
    assert answer.body.endswith(ENDS[page])


@pages
def test_a_page_that_fails_lacks_its_end(server, page):
    answer = read_failing(server, f"/{page}?")
    assert answer.body.startswith(b"<!doctype html>")
    assert 4900 < answer.body.count(b"<p>No. ") < 5000
    assert ENDS[page] not in answer.body
    assert b"no paragraph" not in answer.body
    assert "no paragraph for 5000" in server.log()


@pages
def test_a_page_is_sent_while_it_is_generated(server, page, tmp_path):
    file = tmp_path / "go"
    with Exchange(server.port, f"/{page}?rows=900&waits_in=800&until={file}") as exchange:
        assert exchange.read_until(b"<p>No. 700, ")
        file.touch()
        answer = exchange.finish()
    assert answer.body.count(b"<p>No. ") == 900
    assert answer.body.endswith(ENDS[page])
