"""Group the rows of a report into batches for a format."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import Any

from streamreports.formats.base import Rows
from streamreports.reading.rows import RowReader

BATCH_SIZE = 64 * 1024  # characters: about a block
SAMPLE = 16  # rows: measured to estimate the size of a batch
NATIVE_SIZE = 10  # characters: assumed for numbers, dates and other native values


class BatchSizer:
    """Yield the rows of a report in batches of about ``BATCH_SIZE``, and count them.

    The size is estimated from the rows, since a format that compresses or buffers may write nothing
    for a while. ``rows``: the number of rows passed to the format.
    """

    def __init__(self, reader: RowReader) -> None:
        self.reader = reader
        self.rows = 0

    def batches(self) -> Generator[Rows, None, None]:
        """Yield the rows of the report."""
        with closing(self.reader.batches()) as batches:
            for batch in batches:
                for part in self._parts(batch):
                    self.rows += len(part)
                    yield part

    def _parts(self, batch: Rows) -> Iterator[Rows]:
        """Yield a batch, in several parts if it is much too large; request the next size."""
        sample = batch[:: max(1, len(batch) // SAMPLE)]
        size = sum(map(size_of, sample)) * len(batch) // len(sample)
        self.reader.wanted = max(1, BATCH_SIZE * len(batch) // size)
        if size <= 2 * BATCH_SIZE:
            yield batch
            return
        start = size = 0
        for end, row in enumerate(batch, start=1):
            size += size_of(row)
            if size >= BATCH_SIZE or end == len(batch):
                yield batch[start:end]
                start, size = end, 0


def size_of(row: Iterable[Any]) -> int:
    """Return the approximate number of characters of a row in a file."""
    return sum(
        len(cell) + 1 if isinstance(cell, (str, bytes)) else size_of_native(cell) for cell in row
    )


def size_of_native(cell: Any) -> int:
    """Return the approximate number of characters of a native value that is not text."""
    if isinstance(cell, dict):
        return 2 + size_of(cell) + size_of(cell.values())
    return 2 + size_of(cell) if isinstance(cell, list) else NATIVE_SIZE
