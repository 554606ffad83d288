"""The row groups of a Parquet file."""

import time
from collections import deque
from collections.abc import Iterator, Sequence

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from streamreports.formats.base import Rows
from streamreports.formats.parquet.columns import ParquetColumn

LATE_SECONDS = 20  # how long rows may be buffered; proxies close idle connections after 60 s

# Bytes. With pyarrow's default of 1 MB for both, writing a row group takes twice as much memory,
# and files are 10 % smaller.
PAGE_SIZE = 256 * 1024
DICTIONARY_SIZE = 128 * 1024  # of the distinct values of a column; above, values are repeated


class Echo:
    """A file for pyarrow whose bytes are removed as they are written."""

    closed = False

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()

    def write(self, data: bytes) -> int:
        """Store bytes until ``take()`` is called."""
        self._pieces.append(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing; pyarrow calls it."""

    def take(self) -> Iterator[bytes]:
        """Yield and remove the bytes that have been written."""
        while self._pieces:
            yield self._pieces.popleft()


class GroupWriter:
    """Collect rows, and write them as row groups.

    ``rows`` and ``size``: the number of buffered rows, and their size in memory in bytes.
    """

    def __init__(self, columns: Sequence[ParquetColumn], title: str, compression: str) -> None:
        self.columns = columns
        self.schema = pa.schema([column.field for column in columns], metadata={"title": title})
        self._sink = Echo()
        self._writer = ParquetWriter(
            self._sink,
            self.schema,
            compression=compression,
            data_page_size=PAGE_SIZE,
            dictionary_pagesize_limit=DICTIONARY_SIZE,
            store_decimal_as_integer=True,
        )
        self._batches: list[pa.RecordBatch] = []
        self._written = 0
        self._clear()

    @property
    def is_late(self) -> bool:
        """Return True if rows have been buffered for a long time."""
        return time.monotonic() - self._since > LATE_SECONDS

    def add(self, rows: Rows) -> None:
        """Convert and buffer rows; raise ReportError if a value does not fit."""
        first = self._written + self.rows + 1
        arrays = [
            column.array(values, first)
            for column, values in zip(self.columns, zip(*rows, strict=True), strict=True)
        ]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
        self._batches.append(batch)
        self.rows += batch.num_rows
        self.size += batch.nbytes

    def flush(self) -> None:
        """Write the buffered rows as a row group."""
        if self.rows:
            table = pa.Table.from_batches(self._batches, self.schema)
            self._writer.write_table(table, row_group_size=self.rows)
        self._written += self.rows
        self._clear()

    def take(self) -> Iterator[bytes]:
        """Yield the bytes that have been written."""
        return self._sink.take()

    def close(self) -> None:
        """Write the last row group and the footer."""
        self.flush()
        self._writer.close()

    def _clear(self) -> None:
        """Start a new row group."""
        self._batches.clear()
        self.rows = self.size = 0
        self._since = time.monotonic()
