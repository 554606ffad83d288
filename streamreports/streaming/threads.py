"""Run clean-up code in another thread."""

import asyncio
import logging
from collections.abc import Callable
from threading import Thread

from django.db import connections

logger = logging.getLogger("streamreports")

WAIT_SECONDS = 1.0  # for a function that runs in a new thread


def has_event_loop() -> bool:
    """Return True if an event loop is running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def run_in_thread(function: Callable[[], None], description: str) -> None:
    """Call a function in a new thread, close the thread's connections, and wait up to a second.

    Waiting longer could cause a deadlock: this thread may hold a lock that the function needs. If
    the function is still running after that, a warning with the description is logged, and the
    function continues.
    """

    def call() -> None:
        try:
            function()
        finally:
            connections.close_all()

    thread = Thread(target=call)
    thread.start()
    thread.join(timeout=WAIT_SECONDS)
    if thread.is_alive():
        logger.warning("%s has not finished after %g s.", description, WAIT_SECONDS)
