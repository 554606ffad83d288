"""Submit exports to the queue, and find those that it has lost."""

import logging
from collections.abc import Iterator
from typing import Any, Protocol

from django.utils.module_loading import import_string

from streamreports.conf import get_settings
from streamreports.exceptions import ReportError
from streamreports.exports.clock import DatabaseNow
from streamreports.exports.models import Export

logger = logging.getLogger("streamreports")


class Runner(Protocol):
    """Start exports in another process or thread.

    A runner may have a method ``problems()``, which yields problems in its settings for the system
    checks: pairs of a number such as ``"E024"`` and a ReportError.
    """

    def submit(self, export_id: Any) -> None:
        """Arrange for ``run_export()`` to be called with an export's key, at least once.

        If the queue does not accept it, raise an exception quickly, since a request is waiting.
        """


class WorkerRunner:
    """Leave exports to the workers of ``manage.py exports run``, which poll the table."""

    def submit(self, export_id: Any) -> None:
        """Do nothing: a worker finds the export in the table."""


def get_runner() -> Runner:
    """Return the runner that the settings name.

    Raises ImportError, and ReportError if a package is missing.
    """
    path = get_settings().export_runner
    return import_string(path)() if path else WorkerRunner()


def runner_problems(runner: Runner) -> Iterator[tuple[str, ReportError]]:
    """Yield the problems in the settings of a runner's queue."""
    yield from getattr(runner, "problems", tuple)()


def submit(export_id: Any) -> bool:
    """Submit an export; return True if the queue has accepted it.

    Otherwise, it waits for ``submit_waiting()``.
    """
    try:
        get_runner().submit(export_id)
    except Exception:
        logger.exception("The export %s could not be submitted. It stays queued.", export_id)
        Export.objects.filter(pk=export_id).update(submitted=None)
        return False
    Export.objects.filter(pk=export_id).update(submitted=DatabaseNow())
    return True


def submit_waiting() -> tuple[int, int]:
    """Resubmit the exports that are probably not in a queue.

    Return the number of submitted exports, and the number of others: if the queue stops responding,
    the others are left to the next call. Concurrent calls are safe: an export that is delivered
    twice runs once.
    """
    keys = list(Export.objects.lost().order_by("created", "pk").values_list("pk", flat=True))
    for number, key in enumerate(keys):
        if not submit(key):
            return number, len(keys) - number
    return len(keys), 0
