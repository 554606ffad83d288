"""Threads that would hinder each other take turns."""

import time
from collections.abc import Callable
from threading import Condition
from typing import TypeVar

T = TypeVar("T")


class Turns:
    """Let one thread after the other call something; ``patience`` is how many seconds one may take.

    Whoever takes longer goes on beside the others: something slow does not hold them up.
    """

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self._changed = Condition()
        self._turn = 0  # Counts the turns; 0 is nobody's.
        self._last = 0
        self._until = 0.0

    def call(self, function: Callable[[], T]) -> T:
        """Call a function when it is this thread's turn."""
        turn = self._take()
        try:
            return function()
        finally:
            self._give_back(turn)

    def _take(self) -> int:
        with self._changed:
            while self._turn and (left := self._until - time.monotonic()) > 0:
                self._changed.wait(left)
            self._last += 1
            self._turn = self._last
            self._until = time.monotonic() + self.patience
            return self._turn

    def _give_back(self, turn: int) -> None:
        with self._changed:
            if self._turn == turn:
                self._turn = 0
                self._changed.notify()
