"""How many streams of a view are under way in this process."""

from collections import Counter
from threading import Lock

_taken: Counter[type] = Counter()
_lock = Lock()


class Slot:
    """Be one of a view's places for streams, until it is freed."""

    def __init__(self, view: type) -> None:
        self._view = view
        self._is_taken = True

    def free(self) -> None:
        """Leave the place to another stream; any thread may call this, and more than once."""
        with _lock:
            if self._is_taken:
                self._is_taken = False
                _taken[self._view] -= 1


def acquire_slot(view: type, limit: int | None) -> Slot | None:
    """Return a place for one more stream of a view, None where there are as many as may be."""
    with _lock:
        if limit is not None and _taken[view] >= limit:
            return None
        _taken[view] += 1
    return Slot(view)
