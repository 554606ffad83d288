"""Compress bytes with isal if it is installed, otherwise with zlib.

isal takes a third of the time for about the same size.
"""

try:
    from isal.isal_zlib import compressobj, crc32
except ImportError:
    from zlib import compressobj, crc32  # type: ignore[assignment]

__all__ = ["FASTEST", "RAW", "compressobj", "crc32"]

FASTEST = 1  # level: higher levels of zlib take much longer and save little
RAW = -15  # wbits: no header and no checksum
