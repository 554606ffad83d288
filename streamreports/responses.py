"""HTTP responses that send a report."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import ExitStack
from dataclasses import dataclass
from inspect import isabstract
from typing import Any
from weakref import WeakMethod, ref

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from streamreports.escaping import replace_unencodable
from streamreports.exceptions import (
    ReportError,
    TooManyRowsError,
    TooManyStreamsError,
)
from streamreports.formats.base import Format
from streamreports.reports import Report
from streamreports.streaming.body import AsyncReportBody, ReportBody
from streamreports.streaming.connections import get_pool_limit, needs_reservation
from streamreports.streaming.events import ReportEvents
from streamreports.streaming.slots import acquire_slot
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


@dataclass(frozen=True, kw_only=True)
class StreamOptions:
    """How a report is streamed, and its limits.

    ``buffered_up_to``: bytes; reports up to this size are sent with a Content-Length.
    ``early_header``: send the header before the query answers; a later error truncates the file.
    ``max_rows``: larger reports are rejected.
    ``max_concurrent_streams``: the limit per process and ``sender``.
    ``slot_timeout``: seconds that a request waits for another stream to end; after that, the client
    is told to retry after ``retry_after`` seconds.
    """

    buffered_up_to: int = 64 * 1024
    early_header: bool = False
    max_rows: int | None = None
    max_concurrent_streams: int | None = None
    slot_timeout: float = 5
    retry_after: int = 10

    def validate(self, owner: str) -> None:
        """Raise ReportError if a number is invalid."""
        for name in MINIMUMS:
            if hasattr(self, name):
                validate_number(owner, name, getattr(self, name))


# The smallest valid value of each number. Where the default is None, None is valid as well.
MINIMUMS = {
    "buffered_up_to": 0,
    "chunk_size": 1,
    "max_concurrent_streams": 1,
    "max_rows": 1,
    "retry_after": 0,
    "slot_timeout": 0,
}


def validate_number(owner: str, name: str, value: Any) -> None:
    """Raise ReportError unless the value is a valid number for the option called ``name``."""
    minimum, is_optional = MINIMUMS[name], getattr(StreamOptions, name, 0) is None
    types = (int, float) if name == "slot_timeout" else int
    if value is None and is_optional:
        return
    if isinstance(value, bool) or not isinstance(value, types) or value < minimum:
        kind = "an integer" if types is int else "a number"
        hint = f"Use {kind} of at least {minimum}{', or None' if is_optional else ''}."
        raise ReportError(f"{owner}.{name} is {value!r}.", hint)


def open_response(
    report: Report,
    report_format: Format,
    options: StreamOptions,
    *,
    request: Any,
    sender: Any,
    filename: str,
    response_class: type[ReportResponse] = ReportResponse,
    **kwargs: Any,
) -> ReportResponse:
    """Return the response that sends a report, as soon as the limits allow it.

    Raises TooManyRowsError and TooManyStreamsError.
    """
    stream = report.stream(report_format, early_header=options.early_header)
    kwargs |= {"request": request, "sender": sender, "filename": filename}
    if request.method == "HEAD":
        return response_class(stream, **kwargs)
    slot = acquire_slot(get_limits(report, options, sender), options.slot_timeout)
    if slot is None:
        raise TooManyStreamsError
    with ExitStack() as on_error:
        on_error.callback(slot.release)
        if options.max_rows is not None and report.exceeds(options.max_rows):
            raise TooManyRowsError
        buffered_up_to = 0 if options.early_header else options.buffered_up_to
        response = response_class(
            stream, buffered_up_to=buffered_up_to, on_end=slot.release, **kwargs
        )
        on_error.pop_all()
    return response


def get_limits(report: Report, options: StreamOptions, sender: Any) -> dict[Hashable, int]:
    """Return the number of streams that may run at a time, by what limits it."""
    using = report.queryset.db
    limits: dict[Hashable, int | None] = {sender: options.max_concurrent_streams}
    if needs_reservation(connections[using]):
        limits["pool", using] = get_pool_limit(using)
    return {key: limit for key, limit in limits.items() if limit is not None}


def reject_too_many_rows(max_rows: int | None) -> HttpResponse:
    """Return the response to a request for more than ``max_rows`` rows."""
    return rejection(
        413,
        f"This report is limited to {max_rows} rows. Use filters to select fewer rows, or download"
        " it in parts.",
    )


def reject_too_many_streams(retry_after: int) -> HttpResponse:
    """Return the response to a request for which no slot became available."""
    return rejection(
        503,
        "Too many reports are being downloaded. Try again later.",
        headers={"Retry-After": str(retry_after)},
    )


def rejection(status: int, text: str, **kwargs: Any) -> HttpResponse:
    """Return a plain text response that is not cached."""
    response = HttpResponse(f"{text}\n", status=status, content_type="text/plain", **kwargs)
    response.headers["Cache-Control"] = "no-store"
    return response


def create_format(format_class: Any, name: str) -> Format:
    """Return a format of a class; raise ReportError if it is not a valid format.

    ``name``: of the attribute or argument, for the message.
    """
    is_format = isinstance(format_class, type) and issubclass(format_class, Format)
    if not is_format or isabstract(format_class):
        raise ReportError(
            f"{name}: {format_class!r} is not a format.",
            "Use a subclass of streamreports.formats.base.Format that implements encode(), such as"
            " streamreports.formats.csv.CsvFormat.",
        )
    report_format: Format = format_class()
    report_format.validate()
    return report_format


def get_default_filename(report: Report, report_format: Format) -> str:
    """Return the plural name of the report's model with the extension of the format."""
    options = report.queryset.model._meta
    return f"{options.verbose_name_plural}.{report_format.extension}"


def safe_filename(filename: str) -> str:
    """Return a file name without path separators and control characters."""
    return re.sub(r"[/\\\0-\x1f\x7f]", "_", replace_unencodable(filename)).strip(". ") or "report"
