"""Workers of ``django.tasks``, with a queue in the database."""

import os
import signal

import pytest
from django.db import connection

from tests.asgi import HANGS
from tests.exports.sites import ROWS, started_site, wait_for

SUBMIT_THREE_TIMES = """
from streamreports.exports.queueing import get_runner
for _number in range(3):
    get_runner().submit("{key}")
"""


@pytest.fixture
def site(tmp_path, own_connection, monkeypatch):
    with started_site(tmp_path, monkeypatch, EXPORTS_TASKS="1") as site:
        if connection.vendor != "sqlite":
            site.manage("migrate", "django_tasks_database")
        yield site


def start_worker(site, *arguments):
    options = ["--interval", "0.1", "--no-reload", "--no-startup-delay", "-v", "0"]
    return site.start("manage.py", "db_worker", *options, *arguments)


def test_a_worker_makes_the_exports_in_the_queue(site):
    exports = [site.export("/groups/", number, submitted=None) for number in range(3)]
    assert site.manage("exports", "submit") == "Exports submitted: 3.\n"
    worker = start_worker(site, "--batch")
    _, error = worker.communicate(timeout=HANGS)
    assert (worker.returncode, error) == (0, b"")
    exports = [site.exports.get(pk=export.pk) for export in exports]
    assert [(export.state, export.attempts) for export in exports] == [("done", 1)] * 3
    assert {site.content(export) for export in exports} == {site.expected(waiting=False)}


def test_an_export_whose_worker_is_killed_is_made_by_another(site):
    export = site.export("/waiting/", 0, submitted=None)
    site.manage("exports", "submit")
    start_worker(site)
    site.reached(0)
    os.kill(site.worker_of(export), signal.SIGKILL)
    site.let_go(0)
    start_worker(site)
    wait_for(lambda: site.manage("exports", "submit") == "Exports submitted: 1.\n")
    export = site.wait_for(export, "done")
    assert (export.attempts, export.rows) == (2, ROWS)
    assert site.content(export) == site.expected(waiting=True)
    assert site.files() == [export.file]


def test_a_worker_that_is_stopped_gives_its_export_back(site):
    """The first signal has it finish the task, the second ends it."""
    export = site.export("/waiting/", 0, submitted=None)
    site.manage("exports", "submit")
    worker = start_worker(site)
    site.reached(0)
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGINT)
    export = site.wait_for(export, "queued")
    assert (export.attempts, export.submitted, site.files()) == (0, None, [])


def test_an_export_that_is_delivered_three_times_is_made_once(site):
    export = site.export("/waiting/", 0)
    site.manage("shell", "-c", SUBMIT_THREE_TIMES.format(key=export.pk))
    workers = [start_worker(site, "--max-tasks", "1") for _ in range(3)]
    site.reached(0)
    wait_for(lambda: sum(worker.poll() is not None for worker in workers) == 2)
    site.let_go(0)
    for worker in workers:
        _, error = worker.communicate(timeout=HANGS)
        assert (worker.returncode, error) == (0, b"")
    export = site.exports.get(pk=export.pk)
    assert (export.state, export.attempts, site.files()) == ("done", 1, [export.file])
