"""A report arrives whole or visibly fails, on every server."""

from tests.servers import table
from tests.servers.client import SILENT, get
from tests.servers.databases import ROWS
from tests.servers.many import MUTE

LONG_BEFORE = 6  # seconds: before the slow query would have answered


def test_a_report_arrives_whole(server):
    answer = get(server.port, "/whole.csv")

    assert answer.status == 200
    assert answer.ending != SILENT
    assert answer.body.count(b"\r\n") == ROWS + 1
    assert answer.is_whole_file
    assert server.reports()[-1] == ("completed", ROWS, len(answer.body))


def test_a_report_that_fails_in_the_middle_is_seen_to_be_cut(server, seen):
    answer = get(server.port, "/python.csv?raises_in=5000", patience=patience_with(server))

    assert answer.status == 200
    assert not answer.is_whole_file
    assert b"ValueError" not in answer.body
    assert server.reports()[-1][0] == "failed"
    assert "no route for 5000" in server.log()
    seen(server.name, table.FAILS, answer.impression)


def test_http_1_0_has_the_missing_line_end_to_show_a_cut(server, seen):
    path = "/python.csv?raises_in=5000"
    answer = get(server.port, path, version="1.0", patience=patience_with(server))

    assert answer.status == 200
    assert answer.body
    assert not answer.is_whole_file
    seen(server.name, table.FAILS_10, answer.impression)


def test_a_report_that_fails_at_once_is_an_error_page(server, seen):
    answer = get(server.port, "/python.csv?raises_in=1")

    assert answer.status == 500
    assert answer.ending != SILENT
    seen(server.name, table.FAILS_AT_ONCE, str(answer.status))


def test_a_value_that_the_driver_cannot_read_cuts_the_file_before_its_row(server):
    answer = get(server.port, "/unreadable.csv", patience=patience_with(server))

    assert answer.status == 200
    assert not answer.is_whole_file
    assert 1000 < answer.body.count(b"\r\n") < 7777
    assert answer.impression == table.expected(server.name, table.FAILS)
    assert server.reports()[-1][0] == "failed"


def test_head_sends_no_body_and_asks_no_query(server, seen):
    reports = server.reports()

    answer = get(server.port, "/slow.csv", method="HEAD", version="1.0", patience=LONG_BEFORE)

    assert answer.body == b""
    assert answer.ending != SILENT
    assert server.reports() == reports
    seen(server.name, table.HEAD, str(answer.status))
    if answer.status == 200:
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"


def patience_with(server):
    """Return how many seconds to wait for a word, in vain where none ever comes."""
    return 2 if server.name in MUTE else 30
