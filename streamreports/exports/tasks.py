"""Celery tasks, found by ``autodiscover_tasks()``.

If a worker is killed, its message is lost, and the export is submitted again after its lease has
expired. So ``acks_late`` is False, and time limits of the broker are irrelevant.
"""

from celery import shared_task

from streamreports.exports import pruning, queueing
from streamreports.exports.running import run_export

OPTIONS = {"acks_late": False, "ignore_result": True}


@shared_task(name="streamreports.exports.run", **OPTIONS)
def run(export_id: str) -> None:
    """Run an export."""
    run_export(export_id)


@shared_task(name="streamreports.exports.submit_waiting", **OPTIONS)
def submit_waiting() -> None:
    """Resubmit exports that are not in a queue; schedule this about every minute."""
    queueing.submit_waiting()


@shared_task(name="streamreports.exports.prune", **OPTIONS)
def prune() -> None:
    """Delete exports and files that are no longer needed; schedule this about once a day."""
    pruning.prune()
