"""A ZIP archive as a stream of bytes."""

import time
from collections.abc import Generator, Iterable
from struct import pack
from zlib import Z_SYNC_FLUSH

from streamreports.deflate import FASTEST, RAW, compressobj, crc32
from streamreports.exceptions import ReportError

MAX_SIZE = 2**32 - 1  # bytes: larger files need Zip64, whose streams Excel does not support
FLUSH_SECONDS = 0.5  # how long the compressor may buffer data if rows are slow
VERSION = 20  # of the ZIP specification
FLAGS = 1 << 3 | 1 << 11  # Size and checksum follow the data; names are in UTF-8.
DEFLATE = 8
FIRST_DAY = 1 << 5 | 1  # 1980-01-01, the date of every file, so that archives are reproducible


class ZipStream:
    """Write a ZIP archive sequentially, without seeking.

    Without the directory that ``end()`` returns, the archive is incomplete, which programs report.
    Source: PKWARE's APPNOTE.TXT, 4.3.
    """

    def __init__(self) -> None:
        self._offset = 0
        self._directory: list[bytes] = []

    def file(self, name: str, pieces: Iterable[str]) -> Generator[bytes, None, None]:
        """Yield a compressed text file; raise ReportError if it starts after 4 GiB."""
        start = self._offset
        if start > MAX_SIZE:
            raise ReportError(
                "The file has more than 4 GiB, the limit of ZIP archives that Excel opens.",
                "Select fewer rows, or use CSV.",
            )
        path = name.encode()
        head = pack("<5H", VERSION, FLAGS, DEFLATE, 0, FIRST_DAY)
        yield self._counted(b"PK\3\4" + head + pack("<3I2H", 0, 0, 0, len(path), 0) + path)
        data_start = self._offset
        compressor = compressobj(FASTEST, wbits=RAW)
        size = checksum = 0
        since = time.monotonic()
        for piece in pieces:
            data = piece.encode()
            size += len(data)
            checksum = crc32(data, checksum)
            compressed = compressor.compress(data)
            if not compressed and time.monotonic() - since > FLUSH_SECONDS:
                compressed = compressor.flush(Z_SYNC_FLUSH)
            if compressed:
                yield self._counted(compressed)
                since = time.monotonic()
        yield self._counted(compressor.flush())
        sizes = pack("<3I", checksum, self._offset - data_start, size)
        yield self._counted(b"PK\7\x08" + sizes)
        entry = sizes + pack("<5H2I", len(path), 0, 0, 0, 0, 0, start) + path
        self._directory.append(b"PK\1\2" + pack("<H", VERSION) + head + entry)

    def end(self) -> bytes:
        """Return the directory, the end of the archive."""
        count, directory = len(self._directory), b"".join(self._directory)
        totals = pack("<4H2IH", 0, 0, count, count, len(directory), self._offset, 0)
        return directory + b"PK\5\6" + totals

    def _counted(self, data: bytes) -> bytes:
        """Return data after counting its bytes."""
        self._offset += len(data)
        return data
