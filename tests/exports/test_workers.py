"""Workers as processes: several at a time, interrupted, and killed."""

import hashlib
import signal

import pytest

from tests.asgi import HANGS
from tests.exports.sites import ROWS, started_site, wait_for


@pytest.fixture
def site(tmp_path, own_connection, monkeypatch):
    with started_site(tmp_path, monkeypatch) as site:
        yield site


def test_exports_whose_workers_are_killed_are_made_by_others_once(site):
    worker = site.start_worker()
    for number in range(3):
        export = site.export("/waiting/", number)
        site.reached(number)
        worker.send_signal(signal.SIGKILL)
        worker = site.start_worker()
        site.let_go(number)
        export = site.wait_for(export, "done")
        content = site.content(export)
        assert content == site.expected(waiting=True)
        assert (export.attempts, export.rows) == (2, ROWS)
        assert export.sha256 == hashlib.sha256(content).hexdigest()
    assert len(site.files()) == 3


def test_a_worker_that_stands_still_gives_way_to_another(site):
    """Its lease ends meanwhile, and it finds that out when it goes on."""
    export = site.export("/waiting/", 0)
    first = site.start_worker()
    site.reached(0)
    first.send_signal(signal.SIGSTOP)
    site.start_worker()
    site.let_go(0)
    export = site.wait_for(export, "done")
    first.send_signal(signal.SIGCONT)
    other = site.export("/groups/", 1)
    site.wait_for(other, "done")
    wait_for(lambda: len(site.files()) == 2)
    assert site.content(export) == site.expected(waiting=True)


def test_several_workers_make_each_export_once(site):
    exports = [site.export("/groups/", number) for number in range(12)]
    workers = [site.start_worker("--once") for _ in range(3)]
    for worker in workers:
        _, error = worker.communicate(timeout=HANGS)
        assert (worker.returncode, error) == (0, b"")
    found = site.exports.filter(pk__in=[export.pk for export in exports])
    assert [(each.state, each.attempts) for each in found] == [("done", 1)] * 12
    assert site.files() == sorted(each.file for each in found)
    assert {site.content(each) for each in found} == {site.expected(waiting=False)}


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_worker_gives_its_export_back(site, signum):
    export = site.export("/waiting/", 0)
    worker = site.start_worker()
    site.reached(0)
    worker.send_signal(signum)
    _, error = worker.communicate(timeout=HANGS)
    assert (worker.returncode, error) == (128 + signum, b"CommandError: Interrupted.\n")
    export = site.wait_for(export, "queued")
    assert (export.attempts, site.files()) == (0, [])


def test_a_running_export_is_cancelled(site):
    export = site.export("/waiting/", 0)
    site.start_worker()
    site.reached(0)
    export.cancel()
    site.let_go(0)
    site.wait_for(export, "cancelled")
    assert site.files() == []
