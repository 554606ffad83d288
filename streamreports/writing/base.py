"""The base class of all streams of bytes."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Mapping
from typing import Any

BLOCK_SIZE = 64 * 1024  # bytes: sending each row as a block takes servers 25 times as long
ASYNC_BLOCK_SIZE = 256 * 1024  # bytes: each block costs two thread switches


class BlockStream(ABC):
    """Iterate once over bytes in blocks of about ``block_size``; close it at the end.

    ``content_type``: the value of the Content-Type header. ``headers``: other headers of the
    content. ``is_page``: whether browsers show the content while they receive it.
    ``report`` and ``format``: the streamed report and its format; None for other content.
    ``rows`` and ``bytes``: the numbers sent so far. ``blocks``: the generator of the blocks, which
    may be replaced before the first block.
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
        """Stop reading the content."""
        self.blocks.close()

    @abstractmethod
    def cancel(self) -> None:
        """Cancel the operation that another thread is waiting for, if possible."""

    @abstractmethod
    def _make_blocks(self) -> Generator[bytes, None, None]:
        """Yield the blocks; this is a generator."""


def joined(pieces: list[bytes]) -> bytes:
    """Join pieces to one block, and clear the list."""
    block = b"".join(pieces)
    pieces.clear()
    return block
