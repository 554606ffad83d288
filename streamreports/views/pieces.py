"""A view that sends pieces of text or bytes as they are made."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import View

from streamreports.exceptions import ReportError
from streamreports.streaming.options import validate_number
from streamreports.views.streams import StreamMixin, exempt_from_transactions
from streamreports.writing.base import BlockStream
from streamreports.writing.pieces import Pieces, PieceStream, require_pieces


class StreamingView(StreamMixin, View):
    """Respond with what ``generate()`` yields, while it is being made.

    ``content_type``: text is sent in its charset. Under an HTML type, text that is not marked safe
    is escaped.
    ``buffer_size``: the number of pieces that are sent together.

    The attributes of ``StreamMixin`` are those of report views. A HEAD request makes no piece.
    """

    content_type: str = "text/html; charset=utf-8"
    buffer_size: int = 1

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, exempt from ATOMIC_REQUESTS: its pieces are made after it has ended."""
        return exempt_from_transactions(super().as_view(**initkwargs))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the response that sends the pieces, or that of the limit that it exceeds."""
        return self.send(self.get_stream())

    def head(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the headers of the response; without this method, see StreamingReportView."""
        return self.get(request, *args, **kwargs)

    def generate(self) -> Pieces:
        """Yield pieces of text or bytes; this may be an asynchronous generator."""
        name = type(self).__name__
        raise ReportError(
            f"{name} is missing generate().",
            f"Define {name}.generate(), a generator of text or bytes.",
        )

    def get_stream(self) -> BlockStream:
        """Return the stream of the pieces."""
        name = type(self).__name__
        validate_number(name, "buffer_size", self.buffer_size)
        pieces = require_pieces(self.generate(), f"The result of {name}.generate()")
        return PieceStream(pieces, self.content_type, buffer_size=self.buffer_size)
