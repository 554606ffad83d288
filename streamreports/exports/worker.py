"""A worker without a queue, which polls the table of exports."""

import logging
from collections.abc import Iterator
from threading import Event
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections, connections

from streamreports.exports.models import Export
from streamreports.exports.running import run_export

logger = logging.getLogger("streamreports")

CANDIDATES = 20  # exports to try, since other workers may claim the first ones


def run_exports(*, poll: float, once: bool = False, stop: Event | None = None) -> Iterator[Any]:
    """Run exports, oldest first, and yield the primary key of each.

    ``poll``: the polling interval in seconds if no exports are waiting. ``once``: return when no
    exports are waiting. ``stop``: set this event to return before the next export.

    Several workers may run at once. An export is claimed by one conditional UPDATE, so a lock (SKIP
    LOCKED) is not needed.
    """
    stop = stop or Event()
    while not stop.is_set():
        key = run_next()
        if key is not None:
            yield key
        elif once:
            return
        else:
            close_old_connections()
            stop.wait(poll)


def run_next() -> Any:
    """Run one export and return its key; None if none is waiting or the database is down."""
    try:
        return next(filter(run_export, next_exports()), None)
    except (InterfaceError, OperationalError):
        logger.exception("The database is not responding. The worker tries again.")
        connections.close_all()
        return None


def next_exports() -> list[Any]:
    """Return the keys of the exports that have waited longest or have lost their workers."""
    claimable = Export.objects.claimable().order_by("created", "pk")
    return list(claimable.values_list("pk", flat=True)[:CANDIDATES])
