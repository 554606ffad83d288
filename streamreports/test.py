"""Assertions for the tests of projects with reports. They work with every test runner."""

import csv
import gzip
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from asgiref.sync import async_to_sync
from django.db.backends.utils import CursorWrapper
from django.http.response import HttpResponseBase

from streamreports.formats.csv import BOM, COMMON_DELIMITERS, CsvFormat
from streamreports.responses import ReportResponse
from streamreports.streaming.threads import has_event_loop
from streamreports.values import CellFormatter, TextOptions
from streamreports.writing.pieces import is_html_type

GZIP = b"\x1f\x8b"  # the magic number of gzip files; no text begins with it
CONTENT = "_streamreports_content"  # an attribute of a response: the content that has been read

# A line of CSV, whose quoted cells may contain line endings, and the quoted cells.
FIRST_LINE = re.compile(r'(?:"[^"]*"|[^"\r\n])*')
QUOTED = re.compile(r'"[^"]*"')


def read_csv(response: HttpResponseBase, *, delimiter: str | None = None) -> list[dict[str, str]]:
    """Return the rows of a response with a CSV file, as dictionaries of strings by header.

    ``delimiter``: by default, it is detected from the header. A byte order mark is removed.

    The response may be asynchronous; in an asynchronous test, call ``sync_to_async(read_csv)``.
    Raises AssertionError if the response is not a CSV file with unique headers.
    """
    header, rows = read_table(response, delimiter)
    return [dict(zip(header, row, strict=True)) for row in rows]


def assert_report(
    response: HttpResponseBase,
    rows: Iterable[Mapping[str, object]],
    *,
    delimiter: str | None = None,
) -> None:
    """Fail unless a response is a CSV file with the given rows, in the given order.

    ``rows``: dictionaries by header. A value that is not a string, such as a number or a date, is
    compared as a report prints it by default. The message shows the first difference.
    """
    header, found = read_table(response, delimiter)
    number = 0
    for number, row in enumerate(rows, start=1):
        expected = {str(label): text_of(value) for label, value in row.items()}
        if expected.keys() != set(header):
            raise AssertionError(f"Row {number} has the columns {header}, not {list(expected)}.")
        if number > len(found):
            raise AssertionError(f"Row {number} is missing: {expected}.")
        for label, text in zip(header, found[number - 1], strict=True):
            if text != expected[label]:
                raise AssertionError(f"Row {number}, {label}: {text!r}, not {expected[label]!r}.")
    for unexpected in found[number : number + 1]:
        values = dict(zip(header, unexpected, strict=True))
        raise AssertionError(f"Row {number + 1} was not expected: {values}.")


def assert_streams(response: HttpResponseBase) -> None:
    """Fail unless a response sends its first rows before the last rows have been read.

    This reads the response; ``read_csv()`` and ``assert_report()`` can be called afterwards.

    Every view reads a small number of rows at once, so create enough rows: for a report, more than
    fit into ``buffered_up_to`` (64 KiB by default); for another response, more than the
    ``chunk_size`` of ``iterator()``. Rows that the view has read before it returns the response are
    not detected, nor are rows that the database driver buffers. With ``iterator()``, the driver of
    MySQL buffers all rows.
    """
    require_file(response)
    if not response.streaming:
        raise AssertionError("The response is not streaming: the whole file is in memory.")
    if CONTENT in vars(response):
        raise AssertionError("The response has been read already. Call assert_streams() first.")
    if isinstance(response, ReportResponse) and response.body.stream.report is not None:
        require_rows_in_portions(response)
    else:
        require_fetches_in_portions(response)


# Streaming


def require_rows_in_portions(response: ReportResponse) -> None:
    """Fail if all rows of a report are read for the same block."""
    stream = response.body.stream
    counts = set()
    content_of(response, lambda: counts.add(stream.rows))
    if len(counts - {0}) < 2:
        raise AssertionError(
            f"All rows ({stream.rows}) were read before any were sent. Either the format keeps"
            " them, or they are few: create more than fit into buffered_up_to (64 KiB by default)."
        )


def require_fetches_in_portions(response: HttpResponseBase) -> None:
    """Fail if the rows of each query are fetched for the same block."""
    blocks = 0

    def count() -> None:
        nonlocal blocks
        blocks += 1

    fetched: defaultdict[Any, set[int]] = defaultdict(set)  # by cursor: for which blocks
    with watching_fetches(lambda cursor: fetched[cursor].add(blocks)):
        content_of(response, count)
    if not fetched:
        raise AssertionError("No rows were read while the file was sent: it was made before.")
    if not any(len(numbers) > 1 for numbers in fetched.values()):
        raise AssertionError(
            "The rows of each query were read at once. Either the view loads them all, or they are"
            " few: use QuerySet.iterator(), and create more rows than its chunk_size."
        )


@contextmanager
def watching_fetches(watch: Callable[[Any], None]) -> Iterator[None]:
    """Call a function with each cursor from which rows are fetched, on any connection."""
    get_attribute = CursorWrapper.__getattr__

    def watched(cursor: CursorWrapper, name: str) -> Any:
        attribute = get_attribute(cursor, name)
        if not name.startswith("fetch"):
            return attribute

        def fetch(*args: Any) -> Any:
            rows = attribute(*args)
            if rows:
                watch(cursor)
            return rows

        return fetch

    with patch.object(CursorWrapper, "__getattr__", watched):
        yield


# The file


def require_file(response: HttpResponseBase) -> None:
    """Fail unless a response is a file."""
    status, location = response.status_code, response.headers.get("Location")
    if status != 200:
        where = f", to {location}" if location else ""
        text = text_in(response)
        reason = f" It says: {text}" if text else ""
        raise AssertionError(f"The response is {status} {response.reason_phrase}{where}.{reason}")
    if is_html_type(response.headers.get("Content-Type", "")):
        raise AssertionError("The response is a page.")


def text_in(response: HttpResponseBase) -> str:
    """Return the beginning of the text of a response that is not a file."""
    text = getattr(response, "content", b"").decode(errors="replace")
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:500]


def content_of(response: HttpResponseBase, on_block: Callable[[], object] = lambda: None) -> bytes:
    """Return the file of a response and cache it; call a function after each block."""
    if CONTENT not in vars(response):
        vars(response)[CONTENT] = b"".join(blocks_of(response, on_block))
    content: bytes = vars(response)[CONTENT]
    return content


def blocks_of(response: HttpResponseBase, on_block: Callable[[], object]) -> list[bytes]:
    """Return the blocks of a response; call a function after each of them."""
    blocks = []
    if not getattr(response, "is_async", False):
        for block in response:
            blocks.append(block)
            on_block()
        return blocks
    if has_event_loop():
        raise AssertionError("In an asynchronous test, call this through sync_to_async().")

    async def read() -> None:
        async for block in response:  # type: ignore[attr-defined]
            blocks.append(block)
            on_block()

    async_to_sync(read)()
    return blocks


def read_table(
    response: HttpResponseBase, delimiter: str | None
) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a CSV file."""
    require_file(response)
    content = content_of(response)
    if content.startswith(GZIP):
        content = gzip.decompress(content)
    text = content.decode(response.charset).removeprefix(BOM)
    if not text:
        raise AssertionError("The file is empty, or the response was read before.")
    written = csv_format_of(response)
    delimiter = delimiter or (written and written.delimiter) or delimiter_of(text)
    rows = list(filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    if isinstance(response, ReportResponse) and written and not written.header:
        header = response.body.stream.report.header
    else:
        header = rows.pop(0) if rows else []
    for label in header:
        if header.count(label) > 1:
            raise AssertionError(f"Several columns are called {label!r}.")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise AssertionError(f"Row {number} has {len(row)} cells, not {len(header)}: {row}.")
    return header, rows


def csv_format_of(response: HttpResponseBase) -> CsvFormat | None:
    """Return the format of a report in CSV; None for other responses."""
    written = response.body.stream.format if isinstance(response, ReportResponse) else None
    return written if isinstance(written, CsvFormat) else None


def delimiter_of(text: str) -> str:
    """Return the usual delimiter that occurs most often in the first line of a CSV file."""
    line = QUOTED.sub("", FIRST_LINE.match(text)[0])  # type: ignore[index]  # It always matches.
    return max(COMMON_DELIMITERS, key=line.count)


def text_of(value: object) -> str:
    """Return the text of a value in a file; a string is returned unchanged, escaped or not."""
    return value if isinstance(value, str) else CellFormatter().text(value, TextOptions())
