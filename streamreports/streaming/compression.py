"""Compress responses for clients that accept it (RFC 9110, 12.5.3)."""

import re
from collections.abc import Sequence
from secrets import randbelow
from typing import Any

from streamreports.exceptions import ReportError
from streamreports.formats.base import Format
from streamreports.gzip import gzip_blocks
from streamreports.writing.base import BlockStream
from streamreports.writing.pieces import is_html_type

MAX_RANDOM_BYTES = 100  # as in Django's GZipMiddleware
QUALITY = re.compile(r"q\s*=\s*([01](?:\.[0-9]*)?)", re.IGNORECASE)


def compress(stream: BlockStream) -> None:
    """Send a stream as gzip; call this before its first block.

    As in ``GZipMiddleware``, the header contains a file name of random length, so that the size of
    the response does not reveal how well its content was compressed (BREACH).
    """
    stream.blocks = gzip_blocks(stream.blocks, b"a" * randbelow(MAX_RANDOM_BYTES))


def accepts_gzip(header: str) -> bool:
    """Return True if a client prefers gzip to no compression, given its Accept-Encoding header."""
    qualities = {}
    for item in header.lower().split(","):
        coding, _, parameter = item.partition(";")
        qualities[coding.strip()] = quality(parameter)
    others = qualities.get("*", 0.0)
    gzip = qualities.get("gzip", qualities.get("x-gzip", others))
    return gzip > 0 and gzip >= qualities.get("identity", others)


def quality(parameter: str) -> float:
    """Return the weight of a content coding; 0 if it is malformed."""
    if not parameter.strip():
        return 1.0
    match = QUALITY.fullmatch(parameter.strip())
    return float(match[1]) if match else 0.0


def is_compressible(format: Format | type[Format], content_type: str) -> bool:
    """Return True if a file of a format may be compressed.

    HTML may not: pages contain data from the request next to secrets, which BREACH can then guess.
    """
    return not format.is_compressed and not is_html_type(content_type)


def validate_compression(owner: str, value: Any) -> None:
    """Raise ReportError unless the value is a valid one for the option ``compression``."""
    if not isinstance(value, bool):
        raise ReportError(f"{owner}.compression is {value!r}.", "Use True or False.")


def require_compressible(owner: str, format_classes: Sequence[type[Format]]) -> None:
    """Raise ReportError if none of the formats has files that may be compressed."""
    if not any(is_compressible(each, each.content_type) for each in format_classes):
        names = ", ".join(each.__name__ for each in format_classes)
        raise ReportError(
            f"{owner}.compression has no effect on {names}.",
            "Remove it. HTML is not compressed, since secrets in it could be guessed (BREACH), nor"
            " are files that are already compressed.",
        )
