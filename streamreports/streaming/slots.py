"""Limit the number of concurrent streams in this process."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from threading import Condition, get_ident

from streamreports.streaming.connections import return_pooled_connections

# The threads whose streams hold a slot, by the limited object: a view or a connection pool.
_holders: defaultdict[Hashable, list[int]] = defaultdict(list)
_changed = Condition()


class Slot:
    """A slot for one stream under all of its limits, until ``release()``."""

    def __init__(self, keys: list[Hashable], thread: int) -> None:
        self._keys = keys
        self._thread = thread

    def release(self) -> None:
        """Free the slot; this may be called in any thread, and more than once."""
        with _changed:
            while self._keys:
                key = self._keys.pop()
                _holders[key].remove(self._thread)
                if not _holders[key]:
                    del _holders[key]
            _changed.notify_all()


def acquire_slot(limits: Mapping[Hashable, int], timeout: float) -> Slot | None:
    """Return a slot as soon as every limit allows it; None after ``timeout`` seconds.

    While it waits, the request holds no pooled connection, since other streams may need it. It does
    not wait for slots held by streams of this thread, which cannot be released meanwhile.
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
