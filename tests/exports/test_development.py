"""The development server makes exports itself, in its process that serves."""

import os
import signal
import sys
from pathlib import Path

import pytest

from benchmarks.servers import free_port
from streamreports.exports import development
from tests.exports.sites import ROWS, started_site, wait_for


@pytest.fixture
def site(tmp_path, own_connection, monkeypatch):
    with started_site(tmp_path, monkeypatch) as site:
        yield site


def run_server(site, *options):
    return site.start("manage.py", "runserver", *options, str(free_port()))


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_runserver_makes_exports(site):
    server = run_server(site, "--noreload")
    export = site.export("/waiting/", 0)
    site.reached(0)
    assert site.worker_of(export) == server.pid
    site.let_go(0)
    export = site.wait_for(export, "done")
    assert (export.rows, site.content(export)) == (ROWS, site.expected(waiting=True))


def test_runserver_makes_exports_in_the_process_that_it_reloads(site):
    """An export that runs then is given back."""
    server = run_server(site)
    export = site.export("/waiting/", 0)
    site.reached(0)
    process = site.worker_of(export)
    assert parent_of(process) == server.pid
    os.kill(process, signal.SIGTERM)
    export = site.wait_for(export, "queued")
    assert (export.attempts, export.lease_owner) == (0, "")
    wait_for(lambda: server.poll() is not None)


@pytest.fixture
def serving(settings, monkeypatch):
    settings.DEBUG = True
    settings.STREAMREPORTS = {}
    monkeypatch.setattr(sys, "argv", ["manage.py", "runserver", "--noreload"])
    monkeypatch.delenv("RUN_MAIN", raising=False)


def test_the_development_server_serves(serving):
    assert development.serves()


def test_the_process_that_is_reloaded_serves(serving, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["manage.py", "runserver"])
    monkeypatch.setenv("RUN_MAIN", "true")
    assert development.serves()


def test_the_process_that_reloads_does_not_serve(serving, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["manage.py", "runserver"])
    assert not development.serves()


@pytest.mark.parametrize(
    "argv", [["manage.py", "check"], ["gunicorn", "project.wsgi"], ["manage.py"]]
)
def test_other_processes_do_not_serve(serving, monkeypatch, argv):
    monkeypatch.setattr(sys, "argv", argv)
    assert not development.serves()


def test_without_debug_exports_are_left_to_workers(serving, settings):
    settings.DEBUG = False
    assert not development.serves()


def test_with_a_runner_exports_are_left_to_its_workers(serving, settings):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": "project.Runner"}
    assert not development.serves()


def test_settings_that_are_wrong_are_left_to_the_checks(serving, settings):
    settings.STREAMREPORTS = {"EXPORT_RUNER": "project.Runner"}
    assert not development.serves()
