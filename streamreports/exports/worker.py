"""A worker that needs no queue: it looks for exports in the table."""

import logging
from collections.abc import Iterator
from threading import Event
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections, connections

from streamreports.exports.models import Export
from streamreports.exports.running import run_export

logger = logging.getLogger("streamreports")

CANDIDATES = 20  # exports that are looked at, in case other workers start the first of them


def work(*, poll: float, once: bool = False, stop: Event | None = None) -> Iterator[Any]:
    """Make exports, the oldest first, and yield the key of each that was made.

    ``poll``: seconds between two looks if none waits. ``once``: return when none waits. ``stop``:
    set it to return before the next one.

    Several workers may run at once. Claiming an export is one UPDATE with a condition, so a lock
    (SKIP LOCKED) would add nothing.
    """
    stop = stop or Event()
    while not stop.is_set():
        made = make_next()
        if made is not None:
            yield made
        elif once:
            return
        else:
            close_old_connections()
            stop.wait(poll)


def make_next() -> Any:
    """Make one export and return its key; None if none waits, or the database does not answer."""
    try:
        return next(filter(run_export, next_exports()), None)
    except (InterfaceError, OperationalError):
        logger.exception("The database does not answer. Exports go on when it does.")
        connections.close_all()
        return None


def next_exports() -> list[Any]:
    """Return the keys of the exports that wait longest, or have lost their workers."""
    claimable = Export.objects.claimable().order_by("created", "pk")
    return list(claimable.values_list("pk", flat=True)[:CANDIDATES])
