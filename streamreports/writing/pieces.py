"""Pieces of text or bytes as a stream of blocks."""

import codecs
from collections.abc import AsyncIterable, Callable, Coroutine, Generator, Iterable
from contextlib import closing
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.http import parse_header_parameters

from streamreports.exceptions import ReportError
from streamreports.writing.asynchronous import items_of
from streamreports.writing.base import BlockStream, joined

HTML_TYPES = ("text/html", "application/xhtml+xml")

Pieces = Iterable[Any] | AsyncIterable[Any]


class PieceStream(BlockStream):
    """Iterate once over pieces in blocks; close it at the end.

    ``pieces``: a synchronous or asynchronous generator, or another iterable, of text or bytes.
    ``content_type``: text is encoded in its charset, by default UTF-8. If the type is HTML, text
    that is not marked safe is escaped.
    ``buffer_size``: the number of pieces per block; fewer if they are large.
    """

    is_page = True

    def __init__(self, pieces: Pieces, content_type: str, *, buffer_size: int = 1) -> None:
        super().__init__()
        self.content_type = content_type
        self.buffer_size = buffer_size
        self._pieces = pieces
        self._escapes = is_html_type(content_type)
        errors = "xmlcharrefreplace" if self._escapes else "replace"
        self._encode = create_encoder(content_type, errors)

    def cancel(self) -> None:
        """Do nothing: the queries may write to the database, so they are not cancelled."""

    def _make_blocks(self) -> Generator[bytes, None, None]:
        """Yield the pieces, joined to blocks; empty pieces are skipped."""
        block: list[bytes] = []
        size = 0
        with closing(synchronous(self._pieces)) as pieces:
            for piece in pieces:
                if data := self._encoded(piece):
                    block.append(data)
                    size += len(data)
                if len(block) >= self.buffer_size or size >= self.block_size:
                    yield joined(block)
                    size = 0
        if block:
            yield joined(block)

    def _encoded(self, piece: object) -> bytes:
        """Return a piece as bytes."""
        if isinstance(piece, (bytes, bytearray, memoryview)):
            return bytes(piece)
        if not isinstance(piece, (str, Promise)) and not hasattr(piece, "__html__"):
            raise TypeError(f"A piece of a stream is a {type(piece).__name__}, not text or bytes.")
        text = conditional_escape(piece) if self._escapes else str(piece)  # type: ignore[arg-type]
        return self._encode(text)


def is_html_type(content_type: str) -> bool:
    """Return True if browsers show content of a type as HTML."""
    return parse_header_parameters(content_type)[0] in HTML_TYPES


def create_encoder(content_type: str, errors: str) -> Callable[[str], bytes]:
    """Return a function that incrementally encodes text in the charset of a content type.

    Raises ReportError for an unknown charset.
    """
    charset = parse_header_parameters(content_type)[1].get("charset", "utf-8")
    try:
        return codecs.getincrementalencoder(charset)(errors).encode
    except LookupError as error:
        raise ReportError(
            f"The content type is {content_type!r}, which has an unknown charset.", "Use utf-8."
        ) from error


def synchronous(pieces: Pieces) -> Generator[Any, None, None]:
    """Yield pieces, and close their generator at the end."""
    yield from pieces if isinstance(pieces, Iterable) else items_of(pieces)


def require_pieces(pieces: object, owner: str) -> Any:
    """Return pieces; raise ReportError if they are not an iterable of them.

    ``owner``: the function that returned or received them, for the message.
    """
    if isinstance(pieces, (Iterable, AsyncIterable)) and not isinstance(pieces, (str, bytes)):
        return pieces
    hint = "Give a generator, which yields text or bytes."
    if isinstance(pieces, Coroutine):
        pieces.close()  # Otherwise, Python warns that it was never awaited.
        hint = "Use yield in the function, so that it is an asynchronous generator."
    elif callable(pieces):
        hint = "Call the generator function."
    raise ReportError(f"{owner} is {describe(pieces)}, which cannot be streamed.", hint)


def describe(value: object) -> str:
    """Return a description of a value for messages."""
    return "None" if value is None else f"a {type(value).__name__}"
