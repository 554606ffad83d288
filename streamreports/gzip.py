"""Compress the blocks of a file while they are generated (RFC 1952)."""

import struct
from collections.abc import Generator
from contextlib import closing
from zlib import DEFLATED, Z_SYNC_FLUSH

HEADER = struct.Struct("<HBBLBB")
TRAILER = struct.Struct("<LL")

MAGIC = 0x8B1F
FNAME = 0x08  # flag: a file name follows the header
NO_TIME = 0
IS_FASTEST = 4
UNKNOWN_SYSTEM = 255


def gzip_blocks(
    blocks: Generator[bytes, None, None], filename: bytes = b""
) -> Generator[bytes, None, None]:
    """Yield blocks compressed as a gzip file with one member; close the blocks at the end.

    Each block can be decompressed on arrival, since the compressor is flushed. If generating a
    block fails, or this generator is closed early, the file has no trailer and is invalid.

    ``filename``: the name of the original file, in Latin-1 and without NUL; empty for no name.
    """
    from streamreports import deflate  # imports isal, which is only needed for compression

    compressor = deflate.compressobj(deflate.FASTEST, DEFLATED, deflate.RAW)
    before = header(filename)
    checksum = size = 0
    with closing(blocks):
        for block in blocks:
            checksum = deflate.crc32(block, checksum)
            size += len(block)
            data = before + compressor.compress(block) + compressor.flush(Z_SYNC_FLUSH)
            del block  # Free the memory while a slow client reads.
            yield data
            before = b""
    yield before + compressor.flush() + TRAILER.pack(checksum, size % 2**32)


def header(filename: bytes) -> bytes:
    """Return the header of a gzip file."""
    flags, name = (FNAME, filename + b"\0") if filename else (0, b"")
    return HEADER.pack(MAGIC, DEFLATED, flags, NO_TIME, IS_FASTEST, UNKNOWN_SYSTEM) + name
