"""HTTP responses that send a report, or another stream."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import ExitStack
from typing import Any
from weakref import WeakMethod, ref

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header

from streamreports.background import announce_body, is_export
from streamreports.escaping import replace_unencodable
from streamreports.exceptions import TooManyRowsError, TooManyStreamsError
from streamreports.formats.base import Format
from streamreports.reports import Report
from streamreports.streaming.body import AsyncReportBody, ReportBody
from streamreports.streaming.compression import (
    accepts_gzip,
    compress,
    is_compressible,
)
from streamreports.streaming.connections import get_pool_limit, needs_reservation
from streamreports.streaming.events import ReportEvents
from streamreports.streaming.options import StreamOptions
from streamreports.streaming.slots import acquire_slot
from streamreports.writing.base import ASYNC_BLOCK_SIZE, BlockStream


class ClosingResponse(StreamingHttpResponse):
    """A streaming response that is closed exactly once, regardless of how it ends."""

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


class ReportResponse(ClosingResponse):
    """Send a stream: a page that browsers show while they receive it, or a download.

    ``request``: an ``HttpRequest``, or a request of Django REST framework, which wraps one.
    ``sender``: the sender of the signals. ``filename``: None if the content has no name.
    ``buffered_up_to``: bytes; streams up to this size are sent with a Content-Length. ``on_end`` is
    called when the stream has ended.
    ``compression``: send a report as gzip if the client accepts it and the format allows it.
    ``body``: the stream while it is sent, whatever middleware makes of ``streaming_content``.

    The first block is made here. Exceptions of the query are raised here, and TransactionError
    inside a transaction. A HEAD request runs no query and has an empty body.
    """

    filename: str | None
    body: ReportBody

    def __init__(
        self,
        stream: BlockStream,
        *,
        request: Any,
        sender: Any,
        filename: str | None = None,
        buffered_up_to: int = 0,
        on_end: Callable[[], None] = lambda: None,
        compression: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("content_type", stream.content_type)
        super().__init__(**kwargs)
        request = unwrapped(request)
        self.filename = None if filename is None else safe_filename(str(filename))
        self._add_headers(stream)
        self._choose_encoding(stream, request, compression)
        events = ReportEvents(sender, request, stream.report, stream.format)
        self.body = body = ReportBody(stream, events, on_end)
        content: ReportBody | AsyncReportBody = body
        if isinstance(request, ASGIRequest):
            content = AsyncReportBody(body)
            stream.block_size = ASYNC_BLOCK_SIZE
            if django.VERSION < (6, 0):
                # GZipMiddleware compresses each block as a separate gzip member, and browsers read
                # only the first.
                send_uncompressed(request)
        self.streaming_content = content
        if request.method != "HEAD":
            announce_body(request, body)
            close_with(request, body)
            content.start(buffered_up_to)
            if body.finished:
                self.headers["Content-Length"] = str(body.bytes)

    def _add_headers(self, stream: BlockStream) -> None:
        """Add the headers of the content; headers that are already set take precedence."""
        headers = dict(stream.headers)
        if stream.is_page:
            headers["X-Accel-Buffering"] = "no"  # nginx would buffer small blocks.
        for name, value in headers.items():
            self.headers.setdefault(name, value)
        if self.filename is not None:
            disposition = content_disposition_header(not stream.is_page, self.filename)
            self.headers["Content-Disposition"] = disposition or "inline"

    def _choose_encoding(
        self, stream: BlockStream, request: HttpRequest, compression: bool
    ) -> None:
        """Compress the content, or prevent middleware from compressing it, where necessary."""
        written, content_type = stream.format, self.headers["Content-Type"]
        if compression and written is not None and is_compressible(written, content_type):
            patch_vary_headers(self, ["Accept-Encoding"])
            if accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
                self.headers["Content-Encoding"] = "gzip"
                compress(stream)
        is_compressed = written is not None and written.is_compressed
        if is_compressed or stream.is_page:  # Compression would delay small blocks.
            send_uncompressed(request)


def unwrapped(request: Any) -> HttpRequest:
    """Return the ``HttpRequest`` wrapped by a Django REST framework request, or the request."""
    while not isinstance(request, HttpRequest):
        request = request._request
    return request


def send_uncompressed(request: HttpRequest) -> None:
    """Prevent middleware from compressing the response to a request."""
    request.META["HTTP_ACCEPT_ENCODING"] = "identity"


def close_with(request: HttpRequest, body: ReportBody) -> None:
    """Close the body when its request is closed, since middleware may replace the response.

    The function holds weak references to both. The request must not keep the body alive, since a
    discarded body must end immediately. A reference cycle would keep the request alive until the
    garbage collector runs.
    """
    previous = vars(request).get("close")  # for another report in the same request
    request_ref, close_body = ref(request), WeakMethod(body.close)

    def close() -> None:
        if method := close_body():
            method()
        if previous is not None:
            previous()
        elif (open_request := request_ref()) is not None:
            type(open_request).close(open_request)

    request.close = close  # type: ignore[method-assign]


def open_response(
    stream: BlockStream,
    options: StreamOptions,
    *,
    request: Any,
    sender: Any,
    response_class: type[ReportResponse] = ReportResponse,
    **kwargs: Any,
) -> ReportResponse:
    """Return the response that sends a stream; wait for a slot if necessary.

    Raises TooManyRowsError and TooManyStreamsError.
    """
    kwargs |= {"request": request, "sender": sender, "compression": options.compression}
    if request.method == "HEAD":
        if is_export(request):  # A HEAD request checks whether an export can run.
            require_rows(stream, options)
        return response_class(stream, **kwargs)
    slot = acquire_slot(get_limits(stream, options, sender), options.slot_timeout)
    if slot is None:
        raise TooManyStreamsError
    with ExitStack() as on_error:
        on_error.callback(slot.release)
        require_rows(stream, options)
        buffered_up_to = 0 if options.early_header or stream.is_page else options.buffered_up_to
        response = response_class(
            stream, buffered_up_to=buffered_up_to, on_end=slot.release, **kwargs
        )
        on_error.pop_all()
    return response


def require_rows(stream: BlockStream, options: StreamOptions) -> None:
    """Raise TooManyRowsError for a report with more rows than allowed."""
    if options.max_rows is not None and stream.report.exceeds(options.max_rows):
        raise TooManyRowsError


def get_limits(stream: BlockStream, options: StreamOptions, sender: Any) -> dict[Hashable, int]:
    """Return the maximum numbers of concurrent streams, by the object that limits them."""
    limits: dict[Hashable, int | None] = {sender: options.max_concurrent_streams}
    if stream.report is not None:
        using = stream.report.queryset.db
        if needs_reservation(connections[using]):
            limits["pool", using] = get_pool_limit(using)
    return {key: limit for key, limit in limits.items() if limit is not None}


def get_default_filename(report: Report, report_format: Format) -> str:
    """Return the plural name of the report's model with the extension of the format."""
    options = report.queryset.model._meta
    return f"{options.verbose_name_plural}.{report_format.extension}"


def safe_filename(filename: str) -> str:
    """Return a file name without path separators and control characters."""
    return re.sub(r"[/\\\0-\x1f\x7f]", "_", replace_unencodable(filename)).strip(". ") or "report"
