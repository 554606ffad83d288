"""Convert the signals that terminate a process to an exception, so ``finally`` blocks run."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP.
SIGNALS = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]


class Interrupted(KeyboardInterrupt):
    """The process received a termination signal; ``signum``: its number."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


class Interrupts:
    """Raise Interrupted when the process receives a termination signal."""

    def __init__(self) -> None:
        self._handlers: dict[int, Any] = {}  # those that were installed before
        self._cancel: Callable[[], None] | None = None
        self._deferred: int | None = None

    @contextmanager
    def deferred(self, cancel: Callable[[], None]) -> Iterator[None]:
        """Defer the exception to the end of this context; ``cancel()`` makes the work end early.

        An exception in the middle of a query would leave its cursor to the garbage collector. A
        second signal is not deferred.
        """
        self._cancel = cancel
        try:
            yield
        finally:
            self._cancel = None
            if self._deferred is not None:
                self._raise(self._deferred)

    def install(self) -> None:
        """Handle the signals, except those that are ignored, for example by nohup."""
        for signum in SIGNALS:
            # The handler is None if it was not installed from Python.
            if signal.getsignal(signum) not in (signal.SIG_IGN, None):
                self._handlers[signum] = signal.signal(signum, self._handle)

    def uninstall(self) -> None:
        """Restore the previous handlers of the signals."""
        for signum, handler in self._handlers.items():
            signal.signal(signum, handler)

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if self._cancel is None or self._deferred is not None:
            self._raise(signum)
        self._deferred = signum
        # A thread, as it waits until the work has ended.
        threading.Thread(target=self._cancel, daemon=True).start()

    def _raise(self, signum: int) -> None:
        for each in self._handlers:
            signal.signal(each, signal.SIG_IGN)  # Another signal would interrupt the cleanup.
        raise Interrupted(signum)


@contextmanager
def interruptible() -> Iterator[Interrupts]:
    """Raise Interrupted within this context when the process receives a termination signal.

    Python handles signals only in the main thread; in other threads, this has no effect.
    """
    interrupts = Interrupts()
    if threading.current_thread() is threading.main_thread():
        interrupts.install()
    try:
        yield interrupts
    finally:
        interrupts.uninstall()
