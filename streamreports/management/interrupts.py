"""Turn the signals that end a process into an exception, so that ``finally`` blocks run."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP.
SIGNALS = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]


class Interrupted(KeyboardInterrupt):
    """The process was asked to end; ``signum``: the number of the signal."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


class Interrupts:
    """Raise Interrupted when the process is asked to end."""

    def __init__(self) -> None:
        self._handlers: dict[int, Any] = {}  # those that were installed before
        self._cancel: Callable[[], None] | None = None
        self._deferred: int | None = None

    @contextmanager
    def deferred(self, cancel: Callable[[], None]) -> Iterator[None]:
        """Raise the exception at the end of this context, whose work ``cancel()`` cuts short.

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
        """Leave the signals to the handlers that they had before."""
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
            signal.signal(each, signal.SIG_IGN)  # Another one would interrupt the cleaning up.
        raise Interrupted(signum)


@contextmanager
def interruptible() -> Iterator[Interrupts]:
    """Raise Interrupted within this context when the process is asked to end.

    In other threads than the main one Python cannot handle signals, and nothing changes.
    """
    interrupts = Interrupts()
    if threading.current_thread() is threading.main_thread():
        interrupts.install()
    try:
        yield interrupts
    finally:
        interrupts.uninstall()
