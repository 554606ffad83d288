"""A report as an HTTP response: headers and blocks."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from weakref import WeakMethod

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from streamreports.streaming.body import AsyncReportBody, ReportBody
from streamreports.values import replace_unencodable
from streamreports.writing.blocks import Stream

ASYNC_BLOCK_SIZE = 256 * 1024  # bytes: each block costs two changes of threads


class ReportResponse(StreamingHttpResponse):
    """Send a stream as a download.

    ``request``: tells whether the server is asynchronous. ``sender``: the class that
    ``report_finished`` names. ``buffered_up_to``: bytes; a report that is no longer is made whole
    before it is sent, and has a Content-Length. ``on_end`` is called when the report has ended.

    The first block is made here, and what it raises is raised here; for a HEAD request the body is
    empty and no query runs.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        request: HttpRequest,
        filename: str,
        sender: type,
        buffered_up_to: int = 0,
        on_end: Callable[[], None] = lambda: None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("content_type", stream.format.get_content_type())
        super().__init__(**kwargs)
        self.headers["Content-Disposition"] = content_disposition_header(
            True, safe_filename(str(filename))
        )
        content: ReportBody | AsyncReportBody
        content = delivery = ReportBody(stream, request, sender, on_end)
        if isinstance(request, ASGIRequest):
            content = AsyncReportBody(delivery)
            stream.block_size = ASYNC_BLOCK_SIZE
            if django.VERSION < (6, 0):
                # There GZipMiddleware makes each block a file of its own. Clients read the first.
                request.META["HTTP_ACCEPT_ENCODING"] = "identity"
        self.streaming_content = content
        if request.method != "HEAD":
            close_with(request, delivery)
            content.start(buffered_up_to)
            if delivery.finished:
                self.headers["Content-Length"] = str(delivery.bytes)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content = self.streaming_content
        if not isinstance(content, AsyncIterator):  # Middleware has put another in place.
            content = super().__aiter__()
        try:
            async for block in content:
                yield block
        except BaseException:
            # Django closes no response whose iterator raised or whose sending was cancelled.
            await asyncio.shield(sync_to_async(self.close, thread_sensitive=True)())
            raise

    def close(self) -> None:
        """Close the stream and tell Django that the request is over, once."""
        if not self.closed:
            super().close()


def close_with(request: HttpRequest, delivery: ReportBody) -> None:
    """Close a delivery with its request, for when middleware puts another response in place.

    The request does not keep the delivery alive: one that is dropped must end at once.
    """
    close_request = request.close
    close_delivery = WeakMethod(delivery.close)

    def close() -> None:
        if method := close_delivery():
            method()
        close_request()

    request.close = close  # type: ignore[method-assign]


def safe_filename(filename: str) -> str:
    """Return a file name without what could lead to another folder, or break a header."""
    return re.sub(r"[/\\\0-\x1f\x7f]", "_", replace_unencodable(filename)).strip(". ") or "report"
