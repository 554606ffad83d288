"""HTTP responses that send a report."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from weakref import WeakMethod, ref

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from streamreports.streaming.body import AsyncReportBody, ReportBody
from streamreports.streaming.events import ReportEvents
from streamreports.values import replace_unencodable
from streamreports.writing.blocks import Stream

ASYNC_BLOCK_SIZE = 256 * 1024  # bytes: each block costs two thread switches


class ReportResponse(StreamingHttpResponse):
    """Send a stream as a download.

    ``request``: an ``HttpRequest``, or a request of Django REST framework, which wraps one.
    ``sender``: the sender of the signals. ``buffered_up_to``: bytes; reports up to this size are
    sent with a Content-Length. ``on_end`` is called when the report has ended.

    The first block is made here, and any exception is raised here. A HEAD request runs no query
    and has an empty body.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        request: Any,
        filename: str,
        sender: Any,
        buffered_up_to: int = 0,
        on_end: Callable[[], None] = lambda: None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("content_type", stream.format.get_content_type())
        super().__init__(**kwargs)
        self.headers["Content-Disposition"] = content_disposition_header(
            True, safe_filename(str(filename))
        )
        request = unwrapped(request)
        body = ReportBody(stream, ReportEvents(sender, request, stream.report), on_end)
        content: ReportBody | AsyncReportBody = body
        if isinstance(request, ASGIRequest):
            content = AsyncReportBody(body)
            stream.block_size = ASYNC_BLOCK_SIZE
            if django.VERSION < (6, 0):
                # GZipMiddleware compresses each block to a gzip member of its own, and browsers
                # read only the first.
                request.META["HTTP_ACCEPT_ENCODING"] = "identity"
        self.streaming_content = content
        if request.method != "HEAD":
            close_with(request, body)
            content.start(buffered_up_to)
            if body.finished:
                self.headers["Content-Length"] = str(body.bytes)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content = self.streaming_content
        if not isinstance(content, AsyncIterator):  # Middleware has replaced it.
            content = super().__aiter__()
        try:
            async for block in content:
                yield block
        except BaseException:
            # Django does not close a response whose iterator raised or was cancelled.
            await asyncio.shield(sync_to_async(self.close, thread_sensitive=True)())
            raise

    def close(self) -> None:
        """Close the stream and send ``request_finished``, once."""
        if not self.closed:
            super().close()


def unwrapped(request: Any) -> HttpRequest:
    """Return the ``HttpRequest`` that a request of Django REST framework wraps, or the request."""
    while not isinstance(request, HttpRequest):
        request = request._request
    return request


def close_with(request: HttpRequest, body: ReportBody) -> None:
    """Close the body with its request, as middleware may replace the response.

    The function refers to both weakly. The request must not keep the body alive, as a dropped body
    ends at once, nor itself, as it would wait for the garbage collector with all that it holds.
    """
    previous = vars(request).get("close")  # that of another report in the same request
    request_ref, close_body = ref(request), WeakMethod(body.close)

    def close() -> None:
        if method := close_body():
            method()
        if previous is not None:
            previous()
        elif (open_request := request_ref()) is not None:
            type(open_request).close(open_request)

    request.close = close  # type: ignore[method-assign]


def safe_filename(filename: str) -> str:
    """Return a file name without path separators and control characters."""
    return re.sub(r"[/\\\0-\x1f\x7f]", "_", replace_unencodable(filename)).strip(". ") or "report"
