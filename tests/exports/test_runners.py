"""The runners put exports into the queues that the settings name."""

import socket
import subprocess
import sys
import uuid
from importlib import import_module

import celery
import django
import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from streamreports.exports.checks import check_runner
from streamreports.exports.clock import in_seconds
from streamreports.exports.models import Export
from streamreports.exports.runners import celery as celery_runner
from streamreports.exports.runners.celery import CeleryRunner
from streamreports.exports.runners.tasks import TasksRunner
from streamreports.exports.tasks import run
from tests.exports.support import create, reloaded

CELERY = "streamreports.exports.runners.celery.CeleryRunner"
TASKS = "streamreports.exports.runners.tasks.TasksRunner"
PACKAGE = "django.tasks" if django.VERSION >= (6, 0) else "django_tasks"
tasks = import_module(PACKAGE)

IMPORT = """
import sys
sys.modules[{package!r}] = None
import django
django.setup()
from streamreports.exports.checks import check_runner
for error in check_runner():
    print(error.id, error.msg, error.hint)
"""


class QueueRunner(TasksRunner):
    queue = "exports"


class AliasRunner(TasksRunner):
    backend = "exports"


def use(settings, runner, **backends):
    """Have a runner, and task backends by their names."""
    settings.STREAMREPORTS = {"EXPORT_RUNNER": runner}
    settings.TASKS = {
        alias: {"BACKEND": f"{PACKAGE}.backends.{name}", **options}
        for alias, (name, options) in backends.items()
    }


IMMEDIATE = ("immediate.ImmediateBackend", {})
DUMMY = ("dummy.DummyBackend", {})


class Queue(tasks.task_backends["default"].__class__.__mro__[1]):
    """A backend like another."""

    def enqueue(self, task, args, kwargs):
        """Never called."""


@pytest.fixture
def app():
    """Return a Celery app that is the current one."""
    before = celery.current_app._get_current_object()
    app = Celery("tests", broker="redis://127.0.0.1:1", set_as_current=False)
    app.set_current()
    yield app
    before.set_current()


def found():
    return [
        (each.id.removeprefix("streamreports."), each.msg, each.hint) for each in check_runner()
    ]


@pytest.mark.django_db
def test_a_task_makes_the_export(site, settings, django_capture_on_commit_callbacks):
    use(settings, TASKS, default=IMMEDIATE)
    export = create()
    with django_capture_on_commit_callbacks(execute=True):
        TasksRunner().submit(export.pk)
    assert reloaded(export).state == "done"


def test_the_immediate_backend_is_an_error(settings):
    use(settings, TASKS, default=IMMEDIATE)
    assert found() == [
        (
            "E024",
            "The backend of TASKS['default'] runs exports within the request.",
            "Use another backend, for example from django-tasks-db.",
        )
    ]


def test_the_dummy_backend_is_an_error(settings):
    use(settings, TASKS, default=DUMMY)
    assert found() == [
        (
            "E025",
            "The backend of TASKS['default'] never runs exports.",
            "Use another backend, for example from django-tasks-db.",
        )
    ]


def test_the_queue_must_be_listed(settings):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": f"{__name__}.QueueRunner"}
    settings.TASKS = {"default": {"BACKEND": f"{__name__}.Queue", "QUEUES": ["default", "mails"]}}
    assert found() == [
        (
            "E026",
            "QueueRunner.queue is 'exports', which TASKS['default'] does not list.",
            "Its QUEUES are default, mails.",
        )
    ]


def test_the_backend_must_be_in_the_settings(settings):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": f"{__name__}.AliasRunner"}
    settings.TASKS = {"default": {"BACKEND": f"{__name__}.Queue"}}
    assert found() == [
        (
            "E026",
            "AliasRunner.backend is 'exports', which TASKS does not have.",
            "TASKS has default.",
        )
    ]


def test_a_queue_that_is_listed_is_accepted(settings):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": f"{__name__}.QueueRunner"}
    settings.TASKS = {"default": {"BACKEND": f"{__name__}.Queue", "QUEUES": ["exports"]}}
    assert found() == []


def test_celery_is_accepted(settings, app):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": CELERY}
    assert found() == []


def test_eager_tasks_of_celery_are_an_error(settings, app):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": CELERY}
    app.conf.task_always_eager = True
    assert found() == [
        (
            "E024",
            "Celery's task_always_eager runs exports within the request.",
            "Set it to False. Tests may call run_export() instead.",
        )
    ]


def late(app, **options):
    """Have the task acknowledged when it has ended."""
    app.conf.task_annotations = {"streamreports.exports.run": {"acks_late": True}}
    app.conf.broker_transport_options = options


def test_a_visibility_timeout_below_the_lease_is_a_warning(settings, app):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": CELERY, "EXPORT_LEASE": 60}
    late(app, visibility_timeout=30)
    assert found() == [
        (
            "W022",
            "The task streamreports.exports.run has acks_late. If a worker is killed, Redis"
            " delivers its export after 30 seconds, but its lease ends after 60 seconds.",
            "Remove acks_late from task_annotations, or raise visibility_timeout in"
            " broker_transport_options above STREAMREPORTS['EXPORT_LEASE'].",
        )
    ]


def test_a_visibility_timeout_above_the_lease_is_accepted(settings, app):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": CELERY, "EXPORT_LEASE": 60}
    late(app, visibility_timeout=90)
    assert found() == []


def test_a_visibility_timeout_matters_only_for_late_acknowledgements(settings, app):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": CELERY, "EXPORT_LEASE": 60}
    app.conf.task_acks_late = True
    app.conf.broker_transport_options = {"visibility_timeout": 30}
    assert not run.acks_late
    assert found() == []


class CeleryQueueRunner(CeleryRunner):
    queue = "exports"


@pytest.mark.parametrize(
    ("runner", "queue"), [(CeleryRunner, "celery"), (CeleryQueueRunner, "exports")]
)
def test_celery_gets_the_key_of_the_export(app, runner, queue):
    app.conf.broker_url = f"memory://{uuid.uuid4()}"
    runner().submit("key")
    with app.connection() as connection, connection.SimpleQueue(queue) as messages:
        message = messages.get_nowait()
        assert message.headers["task"] == "streamreports.exports.run"
        assert message.payload[:2] == [["key"], {}]
        message.ack()


@pytest.mark.django_db
def test_a_task_of_celery_makes_the_export(site, app):
    export = create()
    run.run(str(export.pk))
    assert reloaded(export).state == "done"


@pytest.mark.django_db
def test_a_task_of_celery_deletes_what_has_expired(site, app):
    export = create()
    run.run(str(export.pk))
    Export.objects.filter(pk=export.pk).update(expires=in_seconds(-1))
    app.tasks["streamreports.exports.prune"].run()
    assert reloaded(export).state == "expired"


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_is_down_is_an_error(app, scheme):
    app.conf.broker_url = f"{scheme}://127.0.0.1:1"
    with pytest.raises(OperationalError, match="Connection refused"):
        CeleryRunner().submit("key")


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_does_not_answer_is_an_error(app, scheme, monkeypatch):
    monkeypatch.setattr(celery_runner, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        app.conf.broker_url = f"{scheme}://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(OperationalError, match=r"(?i)time"):
            CeleryRunner().submit("key")


@pytest.mark.parametrize(
    ("runner", "package", "text"),
    [
        (
            CELERY,
            "celery",
            "streamreports.E022 Celery is not installed."
            ' Install the extra "celery": pip install "django-streamreports[celery]".',
        ),
        pytest.param(
            TASKS,
            "django_tasks",
            "streamreports.E022 Django 5.2 has no django.tasks, and its backport is not installed."
            ' Install the extra "tasks": pip install "django-streamreports[tasks]".',
            marks=pytest.mark.skipif(django.VERSION >= (6, 0), reason="Django has it."),
        ),
    ],
)
def test_a_missing_package_is_an_error_that_names_the_extra(runner, package, text, tmp_path):
    code = IMPORT.format(package=package)
    (tmp_path / "runner_settings.py").write_text(
        f"from tests.settings import *\nSTREAMREPORTS = {{'EXPORT_RUNNER': {runner!r}}}\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={"DJANGO_SETTINGS_MODULE": "runner_settings", "PYTHONPATH": f"{tmp_path}:."},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout == f"{text}\n"
