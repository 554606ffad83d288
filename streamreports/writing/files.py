"""Write the blocks of a stream to a file."""

from contextlib import closing
from typing import Any, NamedTuple, Protocol

from streamreports.writing.blocks import Stream


class BinaryFile(Protocol):
    """A file-like object that is open for writing bytes."""

    def write(self, data: bytes, /) -> Any:
        """Write data; return the number of bytes written, or None."""


class Written(NamedTuple):
    """The number of rows and bytes of a file."""

    rows: int
    bytes: int


def write_stream(stream: Stream, file: BinaryFile) -> Written:
    """Write a stream to a file and close the stream; the file stays open."""
    with closing(stream) as blocks:
        for block in blocks:
            write_all(block, file)
    return Written(stream.rows, stream.bytes)


def write_all(data: bytes, file: BinaryFile) -> None:
    """Write all data to a file; an unbuffered file may write only a part at a time."""
    while data:
        count = file.write(data)
        if count == 0:
            raise OSError(f"{file!r} wrote no bytes")
        data = data[count:] if isinstance(count, int) else b""
