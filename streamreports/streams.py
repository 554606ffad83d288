"""A report and a format become blocks of bytes."""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing

from streamreports.formats.base import Format
from streamreports.reports import Report

BLOCK_SIZE = 64 * 1024  # bytes: a row a block costs a server 25 times as much
FIRST_PIECE = 10  # rows: encoded before their size is known
PATIENCE = 0.5  # seconds: how long bytes that are ready wait for more, here

Rows = Sequence[Sequence[str]]


class Stream:
    """Make the bytes of a report, block by block; iterate it once, and close it.

    The first block leaves as soon as there are rows, the others when they hold about 64 KiB or
    when rows are slow. ``rows`` and ``bytes`` count what has left.
    """

    def __init__(self, report: Report, format: Format) -> None:
        self.report = report
        self.format = format
        self.rows = 0
        self.bytes = 0
        self._encoded_rows = 0
        self._piece_rows = FIRST_PIECE
        self._blocks = self._make_blocks()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = next(self._blocks)
        self.rows = self._encoded_rows
        self.bytes += len(block)
        return block

    def close(self) -> None:
        """End the reading of the report, wherever it is."""
        self._blocks.close()

    def _make_blocks(self) -> Generator[bytes, None, None]:
        """Yield the pieces that the format makes, put together to blocks."""
        style = self.format.style
        with closing(self.report.batches(style)) as batches:
            block: list[bytes] = []
            size, encoded, since = 0, 0, time.monotonic()
            for piece in self.format.encode(self.report.labels(style), self._pieces(batches)):
                block.append(piece)
                size += len(piece)
                if rows := self._encoded_rows - encoded:
                    encoded += rows
                    self._piece_rows = max(1, BLOCK_SIZE * rows // len(piece))
                full = size + len(piece) // 2 >= BLOCK_SIZE  # One more would be too much.
                first = self.rows == 0 < encoded
                if full or first or (encoded and time.monotonic() - since > PATIENCE):
                    yield b"".join(block)
                    block = []
                    size, since = 0, time.monotonic()
        if block:
            yield b"".join(block)

    def _pieces(self, batches: Iterable[Rows]) -> Iterator[Rows]:
        """Yield the rows in lists that should encode to a block at most."""
        for batch in batches:
            start = 0
            while start < len(batch):
                rows = batch[start : start + self._piece_rows]
                start += len(rows)
                self._encoded_rows += len(rows)
                yield rows
