"""Files and pages that end too early, and the tables of docs/formats.md."""

from tests.servers.tables import Table

ROWS, LAST = 6000, 5000  # Rows of a complete file; the one at which a report fails.
COMPLETE = f"rows={ROWS}"
FAILING = f"{COMPLETE}&raises_in={LAST}"

# Formats with a row on each line; the others only have a middle.
TEXT = ["csv", "tsv", "jsonl", "json"]
BINARY = ["csv.gz", "xlsx", "parquet"]
PAGES = ["html", "page"]  # Shown by browsers; the last one is not a report.

# What programs make of it.
DETECTED, NOT_DETECTED = "error", "**not detected**"
ALL_ROWS = "all rows"
NO_ROW_COUNT = "row count missing"
NO_SUCH_PLACE = "-"

# Where a file ends too early.
FAILED = "failed report"
IN_A_ROW = "in a row"
IN_QUOTES = "in quoted text"
IN_LAST_CELL = "in the last cell"
LINE_ENDING = "after a line ending"
ONE_BYTE = "last byte missing"
PLACES = [FAILED, IN_A_ROW, IN_QUOTES, IN_LAST_CELL, LINE_ENDING, ONE_BYTE]

# How the client is connected to the server.
VISIBLE, HIDDEN = "", ", hidden"
CLIENTS = ["curl", "urllib", "Chromium"]

FILES = Table("formats.md", ["file", "program"], PLACES, title="files")
TRANSFERS = Table(
    "formats.md",
    ["transfer"],
    [client + way for way in (VISIBLE, HIDDEN) for client in CLIENTS],
    title="transfers",
)


def path_of(format, parameters, *, compressed=False):
    """Return the path of the URL of a file or page."""
    if format == "page":
        return f"/{format}?{parameters}"
    return f"/{'compressed-' if compressed else ''}formats?format={format}&{parameters}"


def cut(complete, format, place):
    """Return the start of a file up to a place; None if the format has no such place."""
    if place == ONE_BYTE:
        return complete[:-1]
    if format not in TEXT:
        return complete[: len(complete) // 2] if place == IN_A_ROW else None
    text = complete.index(b'"No. 4000, ')
    row = complete.rindex(b"\n", 0, text) + 1
    end = complete.index(b"\n", text)
    return complete[
        : {IN_A_ROW: row + 3, IN_QUOTES: text + 5, IN_LAST_CELL: end - 5, LINE_ENDING: row}[place]
    ]
