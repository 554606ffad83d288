"""Compare the table of docs/servers.md with the tests; SERVERS_TABLE=write writes it."""

import os

from tests.servers.processes import ROOT

PAGE = ROOT / "docs" / "servers.md"
BEGIN, END = "<!-- table: written by the tests -->\n", "<!-- end of the table -->"

FAILS = "report fails, HTTP/1.1"
FAILS_10 = "report fails, HTTP/1.0"
FAILS_AT_ONCE = "first row fails"
LEAVES = "client disconnects"
LEAVES_QUERY = "client disconnects during a query"
STALLS = "client stalls"
STOPS = "SIGTERM"
HEAD = "HEAD"
COLUMNS = [FAILS, FAILS_10, FAILS_AT_ONCE, LEAVES, LEAVES_QUERY, STALLS, STOPS, HEAD]


def seen(server, column, words):
    """Compare the behavior of a server with the table, or write it to the table."""
    rows = read()
    if os.environ.get("SERVERS_TABLE") == "write":
        rows.setdefault(server, {})[column] = words
        write(rows)
    else:
        assert words == rows[server][column]


def read():
    """Return the table as a dict of columns by server."""
    _, _, rest = PAGE.read_text().partition(BEGIN)
    lines = rest.partition(END)[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return {name: dict(zip(COLUMNS, words, strict=True)) for name, *words in cells}


def write(rows):
    """Write the table to the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = [["server", *COLUMNS], ["---"] * (len(COLUMNS) + 1)]
    lines += [[name, *(rows[name].get(column, "?") for column in COLUMNS)] for name in rows]
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    PAGE.write_text(before + BEGIN + text + END + after)
