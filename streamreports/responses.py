"""A report as an HTTP response: headers, blocks, and one end for every way a stream can end."""

import asyncio
import logging
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from threading import Thread, get_ident
from typing import Any
from weakref import WeakMethod

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from streamreports.signals import report_finished
from streamreports.streams import Stream
from streamreports.surroundings import Surroundings
from streamreports.text import clean

logger = logging.getLogger("streamreports")

COMPLETED, ABORTED, FAILED = "completed", "aborted", "failed"


class Delivery:
    """Deliver the blocks of a stream to a server, and end it once, whatever ends it.

    The work is done in the surroundings of the request, also when these are gone already.
    """

    finished = True  # There is nothing to end before start().

    def __init__(self, stream: Stream, request: HttpRequest, sender: type) -> None:
        self.stream = stream
        self.request = request
        self.sender = sender
        self.rows = 0
        self.bytes = 0
        self._first: tuple[bytes, int] | None = None

    def start(self) -> None:
        """Make the first block, so that what fails at once fails before the headers are sent."""
        self._surroundings = Surroundings(self.stream.report.queryset.db)
        self._started = time.monotonic()
        self.finished = False
        self._first = self._make()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        made, self._first = self._first or self._make(), None
        if made is None:
            raise StopIteration
        block, self.rows = made
        self.bytes += len(block)
        return block

    def _make(self) -> tuple[bytes, int] | None:
        """Return the next block and the rows up to its end, None when there are no more."""
        if self.finished:
            return None
        try:
            block = self._surroundings.run(next, self.stream, None)
        except BaseException as exception:
            self.finish(FAILED, exception)
            raise
        if block is None:
            self.finish(COMPLETED)
            return None
        return block, self.stream.rows

    def close(self) -> None:
        """End the stream where it is; do nothing when it has ended."""
        if self.finished:
            return
        if has_event_loop():  # Where no database may be asked.
            elsewhere(self.close)
        else:
            self.finish(ABORTED)

    def __del__(self) -> None:
        # A response that nobody closes: dropped by middleware, or by a request that was cancelled
        # while its view still ran. The garbage collector may be at work in any thread.
        if self.finished or sys.is_finalizing():
            return
        if get_ident() == self._surroundings.thread:
            self.close()
        else:
            elsewhere(self.close)

    def finish(self, outcome: str, exception: BaseException | None = None) -> None:
        """Close what the report holds open, log its end and send ``report_finished``, once."""
        if self.finished:
            return
        self.finished = True
        self._first = None
        try:
            self._surroundings.run(self.stream.close)
        finally:
            self._surroundings.release()
            self._tell(outcome, exception)

    def _tell(self, outcome: str, exception: BaseException | None) -> None:
        """Log how the report ended, and tell the receivers of the signal."""
        stream, seconds = self.stream, time.monotonic() - self._started
        logger.log(
            logging.ERROR if outcome == FAILED else logging.INFO,
            "%s %s: %d rows, %d bytes in %.2f s",
            self.sender.__qualname__,
            outcome,
            self.rows,
            self.bytes,
            seconds,
            exc_info=exception,
            extra={"request": self.request},
        )
        report_finished.send_robust(
            sender=self.sender,
            request=self.request,
            report=stream.report,
            rows=self.rows,
            bytes=self.bytes,
            seconds=seconds,
            outcome=outcome,
            exception=exception,
        )


def has_event_loop() -> bool:
    """Tell whether an event loop is running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def elsewhere(function: Callable[[], None]) -> None:
    """Call a function in a thread of its own, and leave no connection there.

    It is waited for, but not for ever: this thread may hold a lock that the function needs.
    """

    def call() -> None:
        try:
            function()
        finally:
            connections.close_all()

    thread = Thread(target=call)
    thread.start()
    thread.join(timeout=1)


class AsyncDelivery:
    """Deliver the blocks of a stream to an asynchronous server.

    Each block is made in the thread of the request, where Django has its database connection.
    """

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        # A StopIteration cannot leave a thread.
        block = await sync_to_async(lambda: next(self.delivery, None), thread_sensitive=True)()
        if block is None:
            raise StopAsyncIteration
        return block

    def close(self) -> None:
        """End the stream where it is."""
        self.delivery.close()


class ReportResponse(StreamingHttpResponse):
    """Send a stream as a download.

    ``request``: tells whether the server is asynchronous. ``sender``: the class that
    ``report_finished`` names. The first block is made here, and what it raises is raised here; for
    a HEAD request the body is empty and no query runs.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        request: HttpRequest,
        filename: str,
        sender: type,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("content_type", stream.format.get_content_type())
        super().__init__(**kwargs)
        self.headers["Content-Disposition"] = content_disposition_header(
            True, safe_filename(str(filename))
        )
        delivery = Delivery(stream, request, sender)
        is_async = isinstance(request, ASGIRequest)
        self.streaming_content = AsyncDelivery(delivery) if is_async else delivery
        if request.method != "HEAD":
            close_with(request, delivery)
            delivery.start()

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


def close_with(request: HttpRequest, delivery: Delivery) -> None:
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
    return re.sub(r"[/\\\0-\x1f\x7f]", "_", clean(filename)).strip(". ") or "report"
