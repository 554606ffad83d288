"""Run exports with ``django.tasks``, or its backport for Django 5.2."""

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

# A task is validated when it is defined, so name an existing backend and queue. TasksRunner
# overrides them.
ALIAS = next(iter(tasks.task_backends.settings))
QUEUE = min(tasks.task_backends[ALIAS].queues, default="default")


@tasks.task(backend=ALIAS, queue_name=QUEUE)
def run(export_id: str) -> None:
    """Run an export."""
    run_export(export_id)


class TasksRunner:
    """Run exports with ``django.tasks``.

    ``backend``: an alias in the setting TASKS. ``queue``: the name of a queue of the backend.
    """

    backend = "default"
    queue = "default"

    def submit(self, export_id: Any) -> None:
        """Submit an export to the queue."""
        run.using(backend=self.backend, queue_name=self.queue).enqueue(str(export_id))

    def problems(self) -> Iterator[tuple[str, ReportError]]:
        """Yield the problems in the setting TASKS."""
        owner, backends = type(self).__name__, tasks.task_backends
        if self.backend not in backends.settings:
            problem = f"{owner}.backend is {self.backend!r}, which TASKS does not have."
            yield "E026", ReportError(problem, f"TASKS has {', '.join(backends.settings)}.")
            return
        backend = backends[self.backend]
        kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(backend).__mro__}
        another = "Use another backend, for example from django-tasks-db."
        if f"{PACKAGE}.backends.immediate.ImmediateBackend" in kinds:
            problem = f"The backend of TASKS[{self.backend!r}] runs exports within the request."
            yield "E024", ReportError(problem, another)
        elif f"{PACKAGE}.backends.dummy.DummyBackend" in kinds:
            problem = f"The backend of TASKS[{self.backend!r}] never runs exports."
            yield "E025", ReportError(problem, another)
        if backend.queues and self.queue not in backend.queues:
            problem = (
                f"{owner}.queue is {self.queue!r}, which TASKS[{self.backend!r}] does not list."
            )
            yield (
                "E026",
                ReportError(problem, f"Its QUEUES are {', '.join(sorted(backend.queues))}."),
            )
