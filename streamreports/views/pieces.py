"""A view that sends pieces of text or bytes as they are generated."""

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
    """Respond with the output of ``generate()``, sent while it is generated.

    ``content_type``: text is encoded in its charset. If the type is HTML, text that is not marked
    safe is escaped.
    ``buffer_size``: the number of pieces sent together.

    The attributes of ``StreamMixin`` are the same as for report views. For a HEAD request, nothing
    is generated.
    """

    content_type: str = "text/html; charset=utf-8"
    buffer_size: int = 1

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, exempt from ATOMIC_REQUESTS: output is generated after it returns."""
        return exempt_from_transactions(super().as_view(**initkwargs))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the response that sends the output, or an error response above a limit."""
        return self.send(self.get_stream())

    def head(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the headers of the response; without this method, see StreamingReportView."""
        return self.get(request, *args, **kwargs)

    def generate(self) -> Pieces:
        """Yield pieces of text or bytes. This may be an asynchronous generator.

        Raises ReportError unless it is overridden. A piece of another type raises TypeError.
        """
        name = type(self).__name__
        raise ReportError(
            f"{name} is missing generate().",
            f"Define {name}.generate(), a generator of text or bytes.",
        )

    def get_stream(self) -> BlockStream:
        """Return the stream of the pieces.

        Raises ReportError if ``buffer_size`` or the charset of ``content_type`` is invalid, or if
        ``generate()`` does not return an iterable.
        """
        name = type(self).__name__
        validate_number(name, "buffer_size", self.buffer_size)
        pieces = require_pieces(self.generate(), f"The result of {name}.generate()")
        return PieceStream(pieces, self.content_type, buffer_size=self.buffer_size)
