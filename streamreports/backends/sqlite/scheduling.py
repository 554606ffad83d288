"""Threads that would hinder each other take turns."""

import time
from collections import deque
from collections.abc import Callable
from threading import Event, Lock
from typing import TypeVar

SHORTEST = 0.001  # seconds between two looks at whether it is somebody's turn

T = TypeVar("T")


class FairScheduler:
    """Let one thread after the other call something, in the order in which they asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[tuple[Event, float]] = deque()
        self._turn: Event | None = None
        self._until = 0.0

    def call(self, function: Callable[[], T], patience: float) -> T:
        """Call a function when it is this thread's turn.

        ``patience``: seconds. If it takes longer, it goes on beside the next one.
        """
        turn = self._take(patience)
        try:
            return function()
        finally:
            self._give_back(turn)

    def _take(self, patience: float) -> Event:
        turn = Event()
        with self._lock:
            self._waiting.append((turn, patience))
            self._go_on()
        while not turn.wait(max(SHORTEST, self._until - time.monotonic())):
            with self._lock:
                self._go_on()
        return turn

    def _give_back(self, turn: Event) -> None:
        with self._lock:
            if self._turn is turn:
                self._turn = None
                self._go_on()

    def _go_on(self) -> None:
        """Let the next thread begin, unless another is at work and has not taken long."""
        if self._waiting and (self._turn is None or time.monotonic() >= self._until):
            self._turn, patience = self._waiting.popleft()
            self._until = time.monotonic() + patience
            self._turn.set()
