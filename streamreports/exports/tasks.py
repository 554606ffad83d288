"""The tasks of Celery, where its ``autodiscover_tasks()`` looks for them.

A worker that is killed loses its message, and the export is submitted again when its lease has run
out. So ``acks_late`` is off, and no time limit of the broker matters.
"""

from celery import shared_task

from streamreports.exports import pruning, queueing
from streamreports.exports.running import run_export

OPTIONS = {"acks_late": False, "ignore_result": True}


@shared_task(name="streamreports.exports.run", **OPTIONS)
def run(export_id: str) -> None:
    """Make an export."""
    run_export(export_id)


@shared_task(name="streamreports.exports.submit_waiting", **OPTIONS)
def submit_waiting() -> None:
    """Submit the exports again that no queue has; to be called by beat, every minute or so."""
    queueing.submit_waiting()


@shared_task(name="streamreports.exports.prune", **OPTIONS)
def prune() -> None:
    """Delete what is no longer needed; to be called by beat, once a day or so."""
    pruning.prune()
