"""A server that is told to stop finishes the report, or visibly cuts it."""

import pytest

from tests.servers import table
from tests.servers.client import WHOLE, Exchange
from tests.servers.databases import until
from tests.servers.processes import SERVERS, serving

LONG = "/whole.csv?rows=20000&width=4000"  # 80 MB
GRACE = 45  # seconds: the longest that a server gives its requests, and some more


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_that_stops_finishes_the_report_or_cuts_it(name, postgresql, seen):
    with serving(name, environment=postgresql.environment) as server:
        with Exchange(server.port, LONG, patience=GRACE) as exchange:
            exchange.read(10**6)
            server.terminate()
            answer = exchange.finish()
        server.wait(GRACE)
        assert until(lambda: not postgresql.sessions()), postgresql.sessions()

    rows = answer.body.count(b"\r\n")
    assert answer.is_whole_file == (rows == 20001)
    finished = answer.ending == WHOLE and answer.is_whole_file
    seen(name, table.STOPS, "completes" if finished else answer.impression)
