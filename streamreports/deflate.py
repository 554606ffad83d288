"""Compress bytes with isal if it is installed, and otherwise with zlib.

isal takes a third of the time, at about the same size.
"""

try:
    from isal.isal_zlib import compressobj, crc32
except ImportError:
    from zlib import compressobj, crc32  # type: ignore[assignment]

__all__ = ["FASTEST", "RAW", "compressobj", "crc32"]

FASTEST = 1  # level: zlib's next ones take much longer and save little
RAW = -15  # wbits: neither header nor checksum
