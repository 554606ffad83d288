"""Threads that would hinder each other take turns."""

import time
from collections import deque
from collections.abc import Callable
from threading import Event, Lock
from typing import TypeVar

T = TypeVar("T")


class Turns:
    """Let one thread after the other call something; ``patience``: seconds that one may take.

    They come in the order in which they asked. Whoever takes longer goes on beside the next one.
    """

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self._lock = Lock()
        self._waiting: deque[Event] = deque()
        self._turn: Event | None = None
        self._until = 0.0

    def call(self, function: Callable[[], T]) -> T:
        """Call a function when it is this thread's turn."""
        turn = self._take()
        try:
            return function()
        finally:
            self._give_back(turn)

    def _take(self) -> Event:
        turn = Event()
        with self._lock:
            self._waiting.append(turn)
            self._go_on()
        while not turn.wait(self.patience):
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
            self._turn = self._waiting.popleft()
            self._until = time.monotonic() + self.patience
            self._turn.set()
