"""A report in a format, as a stream of blocks."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any

from streamreports.escaping import REPLACEMENT
from streamreports.formats.base import CopyOptions, Format, OutputColumn
from streamreports.reading.rows import RowReader
from streamreports.writing.base import BlockStream, joined
from streamreports.writing.batches import BatchSizer

FLUSH_SECONDS = 0.5  # how long bytes may be buffered


class Stream(BlockStream):
    """Iterate once over the bytes of a report in blocks; close it at the end.

    The first block is sent as soon as it has rows, the others when they have about ``block_size``
    bytes or if rows are slow. With ``early_header``, the header is sent before the query returns.

    ``open``: returns the reader of the report and its columns; called for the first block. ``rows``
    are counted when they are passed to the format; a format that buffers may not have written all
    of them.
    """

    def __init__(
        self,
        open: Callable[[], tuple[RowReader, Sequence[OutputColumn]]],
        format: Format,
        *,
        report: Any,
        early_header: bool = False,
    ) -> None:
        super().__init__()
        self.format = format
        self.report = report
        self.early_header = early_header
        self.content_type = format.get_content_type()
        self.headers = format.get_headers()
        self.is_page = format.is_page
        self._open = open
        self._reader: RowReader | None = None
        self.blocks = format.compress(self.blocks)

    def cancel(self) -> None:
        """Cancel the statement that another thread is waiting for."""
        if self._reader is not None:
            self._reader.cancel()

    def _make_blocks(self) -> Generator[bytes, None, None]:
        """Yield the output of the format, joined to blocks."""
        self._reader, columns = self._open()
        sizer = BatchSizer(self._reader)
        block: list[bytes] = []
        size, since = 0, time.monotonic()
        with closing(self._pieces(sizer, columns)) as pieces:
            for piece in pieces:
                block.append(piece)
                size += len(piece)
                full = size + len(piece) // 2 >= self.block_size  # Another piece would be too much.
                first = self.rows == 0 < sizer.rows or (self.early_header and not self.bytes)
                late = sizer.rows and time.monotonic() - since > FLUSH_SECONDS
                if size and (full or first or late):
                    self.rows = sizer.rows
                    del piece  # Free the memory while a slow client reads.
                    yield joined(block)
                    size, since = 0, time.monotonic()
        self.rows = sizer.rows
        if size:
            yield joined(block)

    def _pieces(
        self, sizer: BatchSizer, columns: Sequence[OutputColumn]
    ) -> Generator[bytes, None, None]:
        """Return the bytes of the file in pieces; use lines written by the database if possible."""
        options, reader = self.format.get_copy_options(), sizer.reader
        if options is None or not (reader.quotes_cells or not reader.why_not_copy()):
            return self._encoded(sizer, columns)
        lines = quoted_lines if reader.quotes_cells else copied_lines
        return self._with_lines(columns, lines(sizer, options))

    def _with_lines(
        self, columns: Sequence[OutputColumn], lines: Generator[bytes, None, None]
    ) -> Generator[bytes, None, None]:
        """Yield the output of the format for lines that are already written."""
        with closing(lines), closing(self.format.encode_lines(columns, lines)) as pieces:
            yield from pieces

    def _encoded(
        self, sizer: BatchSizer, columns: Sequence[OutputColumn]
    ) -> Generator[bytes, None, None]:
        """Yield the output of the format."""
        with (
            closing(sizer.batches()) as batches,
            closing(self.format.encode(columns, batches)) as pieces,
        ):
            yield from pieces


def copied_lines(sizer: BatchSizer, options: CopyOptions) -> Generator[bytes, None, None]:
    """Yield the lines that COPY writes."""
    with closing(sizer.reader.copied(options.sql, options.line_end.encode())) as pieces:
        for rows, lines in pieces:
            sizer.rows += rows
            yield lines


def quoted_lines(sizer: BatchSizer, options: CopyOptions) -> Generator[bytes, None, None]:
    """Yield the lines of rows whose cells are already quoted."""
    delimiter = options.delimiter or ""
    with closing(sizer.batches()) as batches:
        for rows in batches:
            lines = options.line_end.join(map(delimiter.join, rows))
            yield lines.replace("\0", REPLACEMENT).encode()
