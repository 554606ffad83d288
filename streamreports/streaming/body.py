"""Iterate over a stream on behalf of a server, and close it exactly once."""

import logging
import sys
import time
from asyncio import CancelledError
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from threading import Thread, get_ident
from typing import TypeVar

from asgiref.sync import async_to_sync, sync_to_async

from streamreports.exceptions import TransactionError
from streamreports.signals import Outcome
from streamreports.streaming.cancellation import Canceller
from streamreports.streaming.connections import ReservedConnection, SharedConnections
from streamreports.streaming.context import RequestContext
from streamreports.streaming.events import ReportEvents
from streamreports.streaming.threads import has_event_loop, run_in_thread
from streamreports.writing.base import BlockStream

logger = logging.getLogger("streamreports")

BUFFER_SECONDS = 0.1  # the time limit in start() for filling the buffer

# Raised by asynchronous pieces if the client disconnects, and by Ctrl-C.
ABORTS = (CancelledError, KeyboardInterrupt)

T = TypeVar("T")


class ReportBody:
    """Pass the blocks of a stream to a server, and close the stream exactly once.

    Each block is generated in the context of the request; a block of a report with a reserved
    connection. ``on_end`` is called when the stream has ended. ``rows`` and ``bytes``: the numbers
    passed to the server; ``outcome``: how the stream ended, None before that.
    """

    finished = True  # Nothing to close until start() is called.
    outcome: Outcome | None = None

    def __init__(
        self,
        stream: BlockStream,
        events: ReportEvents,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.stream = stream
        self.events = events
        self.on_end = on_end
        self.rows = 0
        self.bytes = 0
        self._is_read = False
        self._buffer: deque[tuple[bytes, int]] = deque()
        self._canceller = Canceller(stream, events.name)

    def start(self, buffered_up_to: int = 0) -> None:
        """Generate the first block, so that an immediate failure precedes the headers.

        A stream of up to ``buffered_up_to`` bytes is generated completely, unless it takes long.

        Raises TransactionError in a transaction, which would end before the rows are read. A stream
        that has been generated completely is sent, and a warning is logged.
        """
        report = self.stream.report
        self._connection: ReservedConnection | SharedConnections = (
            SharedConnections() if report is None else ReservedConnection(report.queryset.db)
        )
        is_atomic = self._connection.in_transaction()
        self._context = RequestContext()
        self.finished = False
        self.events.start()
        deadline = None
        while made := self._make():
            self._buffer.append(made)
            deadline = deadline or time.monotonic() + BUFFER_SECONDS
            is_late = time.monotonic() > deadline and not is_atomic
            if self.stream.bytes > buffered_up_to or is_late:
                break
        if is_atomic:
            self._refuse_transaction()

    def _refuse_transaction(self) -> None:
        """Raise TransactionError, or log it if the report has been generated completely."""
        error = TransactionError(self.events.name)
        if not self.finished:
            self.finish(Outcome.FAILED, error)
            raise error
        logger.warning("%s It will fail when it no longer fits into buffered_up_to.", error)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._is_read:
            self._is_read = True
            if not self.finished:
                self._connection.close_other()
        made = self._buffer.popleft() if self._buffer else self._make()
        if made is None:
            raise StopIteration
        block, rows = made
        if not self.finished:  # Otherwise, start() has generated and counted everything.
            self.rows = rows
            self.bytes += len(block)
        return block

    def _make(self) -> tuple[bytes, int] | None:
        """Return the next block and the number of rows so far, or None at the end."""
        if self._canceller.cancelled:
            self.finish(Outcome.ABORTED)
        if self.finished:
            return None
        try:
            block = self._next_block()
        except BaseException as exception:
            if self._canceller.cancelled or isinstance(exception, ABORTS):
                self.finish(Outcome.ABORTED)
            else:
                self.finish(Outcome.FAILED, exception)
            if self._canceller.cancelled and isinstance(exception, Exception):
                return None  # The report was cancelled.
            raise
        if self._canceller.cancelled and block is None:
            self.finish(Outcome.ABORTED)
        elif block is None:
            self.rows, self.bytes = self.stream.rows, self.stream.bytes
            self.finish(Outcome.COMPLETED)
        return None if block is None else (block, self.stream.rows)

    def _next_block(self) -> bytes | None:
        """Return the stream's next block, or None at its end or if it has been cancelled."""
        with self._canceller.running():
            if self._canceller.cancelled:  # It was cancelled before a statement ran.
                return None
            return self._run(lambda: next(self.stream, None))

    def _run(self, function: Callable[[], T]) -> T:
        """Call a function with the reserved connection, in the context of the request."""
        return self._connection.run(lambda: self._context.run(function))

    # The end

    def cancel(self) -> None:
        """Cancel the statement that another thread is waiting for; return when it has stopped."""
        self._canceller.cancel()

    def close(self) -> None:
        """Stop the stream; do nothing if it has ended."""
        if self.finished:
            return
        if has_event_loop():  # Django allows no queries in its thread.
            run_in_thread(self.close, f"Closing {self.events.name}")
        else:
            self.finish(Outcome.ABORTED)

    def __del__(self) -> None:
        # A response is never closed if middleware has discarded it, or if the request was cancelled
        # in its view. The garbage collector may run in any thread.
        if self.finished or sys.is_finalizing():
            return
        if get_ident() == self._connection.thread:
            self.close()
        else:
            run_in_thread(self.close, f"Closing {self.events.name}")

    def finish(self, outcome: Outcome, exception: BaseException | None = None) -> None:
        """Close the resources of the stream, log its end and send ``report_finished``, once."""
        if self.finished:
            return
        self.finished = True
        self.outcome = outcome
        if outcome != Outcome.COMPLETED:
            self._buffer.clear()
        try:
            self._run(self.stream.close)
        finally:
            try:
                self._connection.release()
            finally:
                self.on_end()
                self.events.finish(outcome, rows=self.rows, bytes=self.bytes, exception=exception)


class AsyncReportBody:
    """Pass the blocks of a stream to an asynchronous server.

    Each block is generated in the thread of the request, which has the database connection. If the
    client disconnects during that, the running statement is cancelled.
    """

    def __init__(self, body: ReportBody) -> None:
        self.body = body

    def start(self, buffered_up_to: int = 0) -> None:
        """Generate the first block; call this in the thread of the request."""
        try:
            async_to_sync(self._call)(lambda: self.body.start(buffered_up_to))
        except BaseException:  # The client may have disconnected after the block was generated.
            self.close()
            raise

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        # StopIteration cannot be raised from a thread.
        block = await self._call(lambda: next(self.body, None))
        if block is None:
            raise StopAsyncIteration
        return block

    async def _call(self, function: Callable[[], T]) -> T:
        """Call a function in the thread of the request."""
        try:
            return await sync_to_async(function, thread_sensitive=True)()
        except CancelledError:
            # Do not await anything here, since the server may cancel a second time.
            Thread(target=self.body.cancel, daemon=True).start()
            raise

    def close(self) -> None:
        """Stop the stream; do nothing if it has ended."""
        self.body.close()
