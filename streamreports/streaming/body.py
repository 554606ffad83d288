"""How the blocks of a stream reach a server: one end for every way a stream can end."""

import asyncio
import logging
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from threading import Lock, Thread, get_ident
from typing import TypeVar

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connections
from django.http import HttpRequest

from streamreports.backends.base.errors import cause_of
from streamreports.signals import report_finished
from streamreports.streaming.context import RequestContext
from streamreports.writing.blocks import Stream

logger = logging.getLogger("streamreports")

COMPLETED, ABORTED, FAILED = "completed", "aborted", "failed"
PATIENCE = 0.1  # seconds: how long a first block waits here to turn out to be the whole file
CANCEL_EVERY = 0.2  # seconds

T = TypeVar("T")


class ReportBody:
    """Deliver the blocks of a stream to a server, and end it once, whatever ends it.

    The work is done in the surroundings of the request, also when these are gone already.
    ``on_end`` is called at the end.
    """

    finished = True  # There is nothing to end before start().
    cancelled = False

    def __init__(
        self,
        stream: Stream,
        request: HttpRequest,
        sender: type,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.stream = stream
        self.request = request
        self.sender = sender
        self.on_end = on_end
        self.rows = 0
        self.bytes = 0
        self._made: deque[tuple[bytes, int]] = deque()
        self._at_work = False
        self._cancelling = Lock()

    def start(self, buffered_up_to: int = 0) -> None:
        """Make the first block, so that what fails at once fails before the headers are sent.

        A report of no more than ``buffered_up_to`` bytes is made whole, unless it takes long.
        """
        self._surroundings = RequestContext(self.stream.report.queryset.db)
        self._started = time.monotonic()
        self.finished = False
        deadline = None
        while made := self._make():
            self._made.append(made)
            deadline = deadline or time.monotonic() + PATIENCE
            if self.stream.bytes > buffered_up_to or time.monotonic() > deadline:
                break

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        made = self._made.popleft() if self._made else self._make()
        if made is None:
            raise StopIteration
        block, self.rows = made
        self.bytes += len(block)
        return block

    def _make(self) -> tuple[bytes, int] | None:
        """Return the next block and the rows up to its end, None when there are no more."""
        if self.cancelled:
            self.finish(ABORTED)
        if self.finished:
            return None
        try:
            block = self._work()
        except BaseException as exception:
            if self.cancelled:
                self.finish(ABORTED)
            else:
                self.finish(FAILED, exception)
            raise
        if block is None:
            if not self.cancelled:
                self.rows, self.bytes = self.stream.rows, self.stream.bytes
            self.finish(ABORTED if self.cancelled else COMPLETED)
            return None
        return block, self.stream.rows

    def _work(self) -> bytes | None:
        """Have the stream make a block, in a way that lets another thread cancel its statement."""
        self._at_work = True
        try:
            if self.cancelled:  # Before it could be seen that there is something to cancel.
                return None
            block: bytes | None = self._surroundings.run(next, self.stream, None)
            return block
        finally:
            with self._cancelling:  # From here on, another statement would be cancelled.
                self._at_work = False

    # The end

    def cancel(self) -> None:
        """Cancel what the stream runs for nobody just now; call this from another thread.

        A statement that the database has not begun yet, or for which it takes no word just now,
        is met a moment later.
        """
        self.cancelled = True
        while self._at_work:
            with self._cancelling:
                if self._at_work:
                    self._try_to_cancel()
            time.sleep(CANCEL_EVERY)

    def _try_to_cancel(self) -> None:
        try:
            self.stream.cancel()
        except Exception:
            logger.warning("%s goes on for nobody", self.sender.__qualname__, exc_info=True)

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
        if outcome != COMPLETED:
            self._made.clear()
        try:
            self._surroundings.run(self.stream.close)
        finally:
            try:
                self._surroundings.release()
            finally:
                self.on_end()
                self._tell(outcome, exception)

    def _tell(self, outcome: str, exception: BaseException | None) -> None:
        """Log how the report ended, and tell the receivers of the signal."""
        stream, seconds = self.stream, time.monotonic() - self._started
        cause = cause_of(exception) if exception else ""
        logger.log(
            logging.ERROR if outcome == FAILED else logging.INFO,
            "%s %s: %d rows, %d bytes in %.2f s%s",
            self.sender.__qualname__,
            outcome,
            self.rows,
            self.bytes,
            seconds,
            f". {cause}" if cause else "",
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


class AsyncReportBody:
    """Deliver the blocks of a stream to an asynchronous server.

    Each block is made in the thread of the request, where Django has its database connection. A
    client that leaves meanwhile cancels the statement that is running there.
    """

    def __init__(self, delivery: ReportBody) -> None:
        self.delivery = delivery

    def start(self, buffered_up_to: int = 0) -> None:
        """Make the first block, in the request's thread, from which this is called."""
        try:
            async_to_sync(self._call)(lambda: self.delivery.start(buffered_up_to))
        except BaseException:  # The client may have left when the block was made.
            self.close()
            raise

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        # A StopIteration cannot leave a thread.
        block = await self._call(lambda: next(self.delivery, None))
        if block is None:
            raise StopAsyncIteration
        return block

    async def _call(self, function: Callable[[], T]) -> T:
        """Call a function in the request's thread."""
        try:
            return await sync_to_async(function, thread_sensitive=True)()
        except asyncio.CancelledError:
            # Nothing here is awaited, for what cancelled this may do so once more.
            Thread(target=self.delivery.cancel, daemon=True).start()
            raise

    def close(self) -> None:
        """End the stream where it is."""
        self.delivery.close()
