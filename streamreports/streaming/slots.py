"""Limit the number of concurrent streams in this process."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from threading import Condition, get_ident

from streamreports.streaming.connections import return_pooled_connections

# The threads whose streams hold a slot, by what is limited: a view or a connection pool.
_holders: defaultdict[Hashable, list[int]] = defaultdict(list)
_changed = Condition()


class Slot:
    """The permission to run one stream, under all of its limits, until ``release()``."""

    def __init__(self, keys: list[Hashable], thread: int) -> None:
        self._keys = keys
        self._thread = thread

    def release(self) -> None:
        """Make room for another stream; any thread may call this, and more than once."""
        with _changed:
            while self._keys:
                key = self._keys.pop()
                _holders[key].remove(self._thread)
                if not _holders[key]:
                    del _holders[key]
            _changed.notify_all()


def acquire_slot(limits: Mapping[Hashable, int], timeout: float) -> Slot | None:
    """Return a slot when there is one under every limit; None after ``timeout`` seconds.

    While it waits, the request holds no connection of a pool, as other streams may need it. A slot
    that a stream of this thread holds cannot be released meanwhile, so it is not waited for.
    """
    thread = get_ident()

    def is_free() -> bool:
        return all(len(_holders.get(key, ())) < limit for key, limit in limits.items())

    def can_become_free() -> bool:
        return all(_holders.get(key, []).count(thread) < limit for key, limit in limits.items())

    def take() -> Slot:
        for key in limits:
            _holders[key].append(thread)
        return Slot(list(limits), thread)

    with _changed:
        if is_free():
            return take()
        if not can_become_free():
            return None
    return_pooled_connections()
    with _changed:
        return take() if _changed.wait_for(is_free, timeout) else None
