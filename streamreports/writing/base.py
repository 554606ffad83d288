"""Bytes in blocks: the base of everything that is sent."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Mapping
from typing import Any

BLOCK_SIZE = 64 * 1024  # bytes: a block a row costs a server 25 times as much


class BlockStream(ABC):
    """Iterate over bytes in blocks of about ``block_size``, once; close it in the end.

    ``content_type``: the value of the Content-Type header. ``headers``: the others that belong to
    the content. ``is_page``: whether browsers show the content while it arrives.
    ``report`` and ``format``: of the report that is streamed; None for other content.
    ``rows`` and ``bytes``: how many have been sent. ``blocks``: what is sent; a generator of others
    may take its place before the first.
    """

    block_size = BLOCK_SIZE
    content_type: str
    headers: Mapping[str, str] = {}
    is_page: bool = False
    report: Any = None
    format: Any = None

    def __init__(self) -> None:
        self.rows = 0
        self.bytes = 0
        self.blocks = self._make_blocks()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = next(self.blocks)
        self.bytes += len(block)
        return block

    def close(self) -> None:
        """Stop reading what is streamed."""
        self.blocks.close()

    @abstractmethod
    def cancel(self) -> None:
        """Cancel what another thread is waiting for, if that is possible."""

    @abstractmethod
    def _make_blocks(self) -> Generator[bytes, None, None]:
        """Yield the blocks; this is a generator."""


def joined(pieces: list[bytes]) -> bytes:
    """Return pieces as one block, and empty the list."""
    block = b"".join(pieces)
    pieces.clear()
    return block
