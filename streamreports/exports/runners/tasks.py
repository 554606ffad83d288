"""Exports in the queues of ``django.tasks``, or of its backport for Django 5.2."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import django

from streamreports.exceptions import ReportError
from streamreports.exports.running import run_export

PACKAGE = "django.tasks" if django.VERSION >= (6, 0) else "django_tasks"

try:
    tasks = import_module(PACKAGE)
except ModuleNotFoundError as error:
    if error.name != PACKAGE:
        raise
    raise ReportError(
        "Django 5.2 has no django.tasks, and its backport is not installed.",
        'Install the extra "tasks": pip install "django-streamreports[tasks]".',
    ) from error

# A task is checked when it is defined: name a backend and a queue that exist. TasksRunner chooses
# others.
ALIAS = next(iter(tasks.task_backends.settings))
QUEUE = min(tasks.task_backends[ALIAS].queues, default="default")


@tasks.task(backend=ALIAS, queue_name=QUEUE)
def run(export_id: str) -> None:
    """Make an export."""
    run_export(export_id)


class TasksRunner:
    """Start exports by ``django.tasks``.

    ``backend``: an alias of the setting TASKS. ``queue``: one of its queues.
    """

    backend = "default"
    queue = "default"

    def submit(self, export_id: Any) -> None:
        """Put an export into the queue."""
        run.using(backend=self.backend, queue_name=self.queue).enqueue(str(export_id))

    def problems(self) -> Iterator[tuple[str, ReportError]]:
        """Yield what is wrong with the setting TASKS."""
        owner, backends = type(self).__name__, tasks.task_backends
        if self.backend not in backends.settings:
            problem = f"{owner}.backend is {self.backend!r}, which TASKS does not have."
            yield "E026", ReportError(problem, f"TASKS has {', '.join(backends.settings)}.")
            return
        backend = backends[self.backend]
        kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(backend).__mro__}
        another = "Use another backend, for example that of django-tasks-db."
        if f"{PACKAGE}.backends.immediate.ImmediateBackend" in kinds:
            problem = f"The backend of TASKS[{self.backend!r}] makes exports within the request."
            yield "E024", ReportError(problem, another)
        elif f"{PACKAGE}.backends.dummy.DummyBackend" in kinds:
            problem = f"The backend of TASKS[{self.backend!r}] never makes exports."
            yield "E025", ReportError(problem, another)
        if backend.queues and self.queue not in backend.queues:
            problem = (
                f"{owner}.queue is {self.queue!r}, which TASKS[{self.backend!r}] does not list."
            )
            yield (
                "E026",
                ReportError(problem, f"Its QUEUES are {', '.join(sorted(backend.queues))}."),
            )
