"""Serialize work between threads in first-come order."""

import time
from collections import deque
from collections.abc import Callable
from threading import Event, Lock
from typing import TypeVar

POLL_SECONDS = 0.001  # the minimum interval between checks whether it is a thread's turn

T = TypeVar("T")


class FairScheduler:
    """Let threads call a function one after the other, in first-come order."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[tuple[Event, float]] = deque()
        self._turn: Event | None = None
        self._until = 0.0

    def call(self, function: Callable[[], T], turn_seconds: float) -> T:
        """Call a function when it is this thread's turn.

        ``turn_seconds``: if the function takes longer, the next thread starts in parallel.
        """
        turn = self._acquire(turn_seconds)
        try:
            return function()
        finally:
            self._release(turn)

    def _acquire(self, turn_seconds: float) -> Event:
        turn = Event()
        with self._lock:
            self._waiting.append((turn, turn_seconds))
            self._wake_next()
        while not turn.wait(max(POLL_SECONDS, self._until - time.monotonic())):
            with self._lock:
                self._wake_next()
        return turn

    def _release(self, turn: Event) -> None:
        with self._lock:
            if self._turn is turn:
                self._turn = None
                self._wake_next()

    def _wake_next(self) -> None:
        """Let the next thread start, unless it is still another thread's turn."""
        if self._waiting and (self._turn is None or time.monotonic() >= self._until):
            self._turn, turn_seconds = self._waiting.popleft()
            self._until = time.monotonic() + turn_seconds
            self._turn.set()
