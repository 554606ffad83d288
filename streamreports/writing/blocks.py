"""A report and a format become blocks of bytes."""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing

from streamreports.formats.base import Format
from streamreports.reading.rows import RowReader
from streamreports.reports import Report

BLOCK_SIZE = 64 * 1024  # bytes: a row a block costs a server 25 times as much
FIRST_PIECE = 10  # rows: encoded before their size is known
PATIENCE = 0.5  # seconds: how long bytes that are ready wait for more, here

Rows = Sequence[Sequence[str]]
Piece = tuple[int, bytes]


class Stream:
    """Make the bytes of a report, block by block; iterate it once, and close it.

    The first block leaves as soon as there are rows, the others when they hold about ``block_size``
    bytes or when rows are slow. ``early_header`` has the header leave before any query answers.
    ``rows`` and ``bytes`` count what has left.
    """

    block_size = BLOCK_SIZE

    def __init__(self, report: Report, format: Format, *, early_header: bool = False) -> None:
        self.report = report
        self.format = format
        self.early_header = early_header
        self.rows = 0
        self.bytes = 0
        self._reader: RowReader | None = None
        self._blocks = self._make_blocks()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = next(self._blocks)
        self.bytes += len(block)
        return block

    def close(self) -> None:
        """End the reading of the report, wherever it is."""
        self._blocks.close()

    def cancel(self) -> None:
        """Cancel the statement that another thread waits for in here."""
        if self._reader is not None:
            self._reader.cancel()

    def _make_blocks(self) -> Generator[bytes, None, None]:
        """Yield the pieces of the file, put together to blocks."""
        block: list[bytes] = []
        size, rows, since = 0, 0, time.monotonic()
        with closing(self._pieces()) as pieces:
            for piece_rows, piece in pieces:
                block.append(piece)
                size += len(piece)
                rows += piece_rows
                full = size + len(piece) // 2 >= self.block_size  # One more would be too much.
                first = self.rows == 0 < rows or (self.early_header and not self.bytes)
                if full or first or (rows and time.monotonic() - since > PATIENCE):
                    self.rows = rows
                    del piece  # A client that stalls should cost little memory.
                    yield joined(block)
                    size, since = 0, time.monotonic()
        self.rows = rows
        if block:
            yield joined(block)

    def _pieces(self) -> Generator[Piece, None, None]:
        """Yield the pieces of the file by the fastest reader: how many rows each, and its bytes."""
        self._reader = reader = self.report._reader(self.format.style)
        options = self.format.get_copy_options()
        if options is not None and not reader.why_not_copy():
            return self._copied(reader, options)
        return self._encoded(reader)

    def _copied(self, reader: RowReader, options: str) -> Generator[Piece, None, None]:
        """Yield what PostgreSQL writes, between the format's own beginning and end."""
        *head, end = self.format.encode(self.report.labels(reader.options), ())
        yield 0, b"".join(head)
        with closing(reader.copied(options, end)) as pieces:
            for rows, lines in pieces:
                yield rows, end + lines
        yield 0, end

    def _encoded(self, reader: RowReader) -> Generator[Piece, None, None]:
        """Yield what the format writes, from as many rows at a time as should fill a block."""
        wanted, rows, size = FIRST_PIECE, 0, 0

        def slices(batches: Iterable[Rows]) -> Iterator[Rows]:
            nonlocal wanted, rows, size
            for batch in batches:
                start = 0
                while start < len(batch):
                    if rows and size:
                        wanted = reader.wanted = max(1, BLOCK_SIZE * rows // size)
                    piece = batch[start : start + wanted]
                    start, rows, size = start + len(piece), len(piece), 0
                    yield piece

        with closing(reader.batches()) as batches:
            labels = self.report.labels(reader.options)
            with closing(self.format.encode(labels, slices(batches))) as pieces:
                for piece in pieces:
                    yield (0 if size else rows), piece
                    size += len(piece)


def joined(pieces: list[bytes]) -> bytes:
    """Return pieces as one, and empty their list."""
    block = b"".join(pieces)
    pieces.clear()
    return block
