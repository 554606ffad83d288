"""A compressed report arrives whole or visibly fails, on every server."""

import subprocess

from tests.servers import table
from tests.servers.client import SILENT, get, gunzipped
from tests.servers.databases import ROWS
from tests.servers.many import MUTE
from tests.servers.processes import HOST

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
WHOLE, FAILING = "/compressed.csv", "/compressed.csv?raises_in=5000"

# Exit codes of curl by what the table says of an uncompressed report.
CURL = {"looks complete": 0, "transfer error": 18, "hangs": 28}


def test_a_compressed_report_arrives_whole(server):
    answer = get(server.port, WHOLE, headers=GZIP)

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.ending != SILENT
    assert gunzipped(answer.body) == get(server.port, WHOLE).body
    assert ("completed", ROWS, len(answer.body)) in server.reports()


def test_a_compressed_report_that_fails_has_no_end(server):
    answer = get(server.port, FAILING, headers=GZIP, patience=patience_with(server))

    assert answer.impression == table.expected(server.name, table.FAILS)
    assert server.reports()[-1][0] == "failed"
    tested = subprocess.run(["gzip", "-t"], input=answer.body, capture_output=True)
    assert tested.returncode == 1
    assert b"unexpected end of file" in tested.stderr


def test_curl_reads_a_compressed_report(server):
    assert curl(server, WHOLE, patience=60) == (0, get(server.port, WHOLE).body)


def test_curl_notices_a_failure_where_it_does_without_compression(server):
    code, body = curl(server, FAILING, patience=patience_with(server))

    assert code == CURL[table.expected(server.name, table.FAILS)]
    assert body
    assert not body.endswith(b"\r\n")


def curl(server, path, *, patience):
    """Return the exit code of curl, and the file that it writes."""
    url = f"http://{HOST}:{server.port}{path}"
    command = ["curl", "-s", "--compressed", "--max-time", str(patience), url]
    run = subprocess.run(command, capture_output=True)
    return run.returncode, run.stdout


def patience_with(server):
    """Return how many seconds to wait for a word, in vain where none ever comes."""
    return 5 if server.name in MUTE else 60
