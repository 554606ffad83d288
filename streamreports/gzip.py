"""Compress the blocks of a file while they are made (RFC 1952)."""

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
    """Yield blocks compressed as a gzip file of one member; close them in the end.

    Each can be decompressed as soon as it has arrived: the compressor keeps nothing back. If making
    a block fails, or this generator is closed early, the file has no end and is invalid.

    ``filename``: of what was compressed, in Latin-1 and without NUL; empty for none.
    """
    from streamreports import deflate  # It imports isal, which only compression needs.

    compressor = deflate.compressobj(deflate.FASTEST, DEFLATED, deflate.RAW)
    before = header(filename)
    checksum = size = 0
    with closing(blocks):
        for block in blocks:
            checksum = deflate.crc32(block, checksum)
            size += len(block)
            data = before + compressor.compress(block) + compressor.flush(Z_SYNC_FLUSH)
            del block  # A slow client should cost little memory.
            yield data
            before = b""
    yield before + compressor.flush() + TRAILER.pack(checksum, size % 2**32)


def header(filename: bytes) -> bytes:
    """Return the header of a gzip file."""
    flags, name = (FNAME, filename + b"\0") if filename else (0, b"")
    return HEADER.pack(MAGIC, DEFLATED, flags, NO_TIME, IS_FASTEST, UNKNOWN_SYSTEM) + name
