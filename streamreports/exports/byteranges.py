"""Byte ranges of a file (RFC 9110, section 14)."""

import re
from collections.abc import Mapping

SPECIFICATION = re.compile(r"([0-9]{0,18})-([0-9]{0,18})", re.ASCII)


class UnsatisfiableRangeError(Exception):
    """A requested range is outside the file."""


def requested_range(
    headers: Mapping[str, str], size: int, *, etag: str, last_modified: str
) -> range | None:
    """Return the range that a GET request requests; None for the whole file.

    ``etag`` and ``last_modified``: the response headers, for ``If-Range``. Invalid and multiple
    ranges are ignored.

    Raises UnsatisfiableRangeError.
    """
    if "If-Range" in headers and headers["If-Range"].strip() not in {etag, last_modified}:
        return None
    return parse_range(headers.get("Range", ""), size)


def parse_range(value: str, size: int) -> range | None:
    """Return the range that a ``Range`` header requests; None for the whole file.

    Raises UnsatisfiableRangeError.
    """
    unit, _, listed = value.partition("=")
    specifications = [each.strip(" \t") for each in listed.split(",") if each.strip(" \t")]
    if unit.strip().lower() != "bytes" or len(specifications) != 1:
        return None
    if not (found := SPECIFICATION.fullmatch(specifications[0])):
        return None
    first, last = found.groups()
    if not first:
        return parse_suffix(last, size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise UnsatisfiableRangeError
    return range(int(first), min(int(last) + 1, size) if last else size)


def parse_suffix(length: str, size: int) -> range | None:
    """Return the range of the last bytes; None for an empty file, which has no range."""
    if not length:
        return None
    if not int(length):
        raise UnsatisfiableRangeError
    return range(max(size - int(length), 0), size) if size else None
