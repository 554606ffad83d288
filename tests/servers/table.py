"""The table of docs/servers.md."""

from tests.servers.tables import Table

FAILS = "report fails, HTTP/1.1"
FAILS_10 = "report fails, HTTP/1.0"
FAILS_AT_ONCE = "first row fails"
LEAVES = "client disconnects"
LEAVES_QUERY = "client disconnects during a query"
STALLS = "client stalls"
STOPS = "SIGTERM"
HEAD = "HEAD"
COLUMNS = [FAILS, FAILS_10, FAILS_AT_ONCE, LEAVES, LEAVES_QUERY, STALLS, STOPS, HEAD]

SERVERS = Table("servers.md", ["server"], COLUMNS)
seen = SERVERS.seen


def expected(server, column):
    """Return what the table says of a server."""
    return SERVERS.read()[(server,)][column]
