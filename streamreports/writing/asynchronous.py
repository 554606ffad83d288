"""Iterate over an asynchronous iterable in synchronous code."""

import asyncio
import os
import sys
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterable, Callable, Coroutine, Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread, get_ident
from typing import Any, TypeVar

import asgiref
from asgiref.sync import SyncToAsync, async_to_sync

from streamreports.exceptions import ReportError

T = TypeVar("T")

END: Any = object()  # what anext() returns after the last item


def items_of(iterable: AsyncIterable[T]) -> Generator[T, None, None]:
    """Yield the items of an asynchronous iterable, and close its iterator at the end.

    It runs in the event loop of the server. Under WSGI, where there is no event loop, a new one
    runs in another thread, from the first item to the last. Functions called through
    ``sync_to_async``, such as Django's queries, run in the thread that requests the items.

    Each item is awaited in a separate task.
    """
    require_asgiref()
    iterator = aiter(iterable)

    async def next_item() -> T:
        with unfinalized():
            item = anext(iterator, END)
        return await item

    async def close() -> None:
        if hasattr(iterator, "aclose"):
            await iterator.aclose()

    loop = find_loop()
    try:
        while (item := loop.run(next_item)) is not END:
            yield item
    finally:
        loop.finish(close)


def require_asgiref() -> None:
    """Raise ReportError for a version of asgiref in which streams would block each other."""
    if asgiref.__version__.startswith("3.8."):  # the oldest version that Django supports
        raise ReportError(
            f"Asynchronous iterators cannot be streamed with asgiref {asgiref.__version__}.",
            "Install asgiref 3.9 or later.",
        )


@contextmanager
def unfinalized() -> Iterator[None]:
    """Prevent the event loop from closing asynchronous generators that start in this context.

    ``items_of()`` closes them; if both are garbage, they would be closed twice.
    """
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(firstiter=None, finalizer=lambda generator: None)
    try:
        yield
    finally:
        sys.set_asyncgen_hooks(*hooks)


def find_loop() -> "ServerLoop":
    """Return the event loop of the server, or a new one."""
    loop = async_to_sync(running_loop)()  # Without a server's loop, this loop has ended by now.
    return OwnLoop() if loop.is_closed() else ServerLoop(loop)


async def running_loop() -> AbstractEventLoop:
    """Return the event loop in which this is awaited."""
    return asyncio.get_running_loop()


class ServerLoop:
    """Run coroutines in the event loop of an ASGI server, from a thread started by it."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop = loop
        self._thread = get_ident()

    def run(self, function: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the result of a coroutine."""

        async def run_here() -> T:
            if asyncio.get_running_loop() is not self.loop:  # An iterator must stay in its loop.
                raise RuntimeError(
                    "The event loop in which an asynchronous iterator was started has ended."
                )
            return await function()

        return async_to_sync(run_here)()

    def finish(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run the last coroutine; this may be called in any thread."""
        if self.loop.is_closed():
            async_to_sync(function)()
        elif get_ident() == self._thread:
            self.run(function)
        else:  # The loop may be blocked by this thread.
            asyncio.run_coroutine_threadsafe(function(), self.loop)


class OwnLoop(ServerLoop):
    """Run coroutines in an event loop in a separate thread, until ``finish()``."""

    def __init__(self) -> None:
        started: Future[AbstractEventLoop] = Future()
        self._runner = Thread(target=asyncio.run, args=(self._stay(started),), daemon=True)
        self._runner.start()
        super().__init__(started.result())

    async def _stay(self, started: Future[AbstractEventLoop]) -> None:
        self._stopped = asyncio.Event()
        started.set_result(asyncio.get_running_loop())
        await self._stopped.wait()

    def run(self, function: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the result of a coroutine."""
        with found_by_async_to_sync(self.loop):
            return super().run(function)

    def finish(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run the last coroutine, and stop the loop."""
        try:
            self.run(function)
        finally:
            self.loop.call_soon_threadsafe(self._stopped.set)
            self._runner.join()


@contextmanager
def found_by_async_to_sync(loop: AbstractEventLoop) -> Iterator[None]:
    """Make ``async_to_sync`` use a loop within this context, as it uses the server's loop.

    These attributes are internal to asgiref, which has no public API for this.
    """
    local = SyncToAsync.threadlocal
    before = vars(local).copy()
    local.main_event_loop, local.main_event_loop_pid = loop, os.getpid()
    try:
        yield
    finally:
        vars(local).clear()
        vars(local).update(before)
