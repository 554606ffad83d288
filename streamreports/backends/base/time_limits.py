"""Limit the time that statements take."""

import time
from collections.abc import Callable
from typing import Any

from streamreports.exceptions import TimeLimitError

CLEAN_UP = ("RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


class Deadline:
    """An execute wrapper that rejects statements after a number of seconds.

    Statements that end a savepoint still run, so that the transaction remains usable.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Return the remaining seconds, at least 0."""
        return max(0.0, self._end - time.monotonic())

    def check(self) -> None:
        """Raise TimeLimitError if the time has passed."""
        if not self.remaining:
            raise TimeLimitError(self.seconds)

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """Run a statement; raise TimeLimitError instead if the time has passed."""
        if not sql.startswith(CLEAN_UP):
            self.check()
        return execute(sql, params, many, context)
