"""Workers of Celery, on Redis and RabbitMQ, that are killed in the middle of exports."""

import hashlib
import os
import signal
import uuid
from contextlib import suppress
from pathlib import Path

import pytest
from celery import Celery
from django.db import connection
from redis import Redis

from tests.asgi import HANGS
from tests.exports.sites import ROWS, started_site, wait_for

BROKERS = {
    "redis": os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/0"),
    "rabbitmq": os.environ.get("TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}
APP = "tests.exports.site.queue"
OPTIONS = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"]
BINDINGS = ["binding", "binding_permanent"]  # what kombu keeps in Redis of a queue
SUBMIT_THREE_TIMES = """
from streamreports.exports.queueing import get_runner
for _number in range(3):
    get_runner().submit("{key}")
"""


@pytest.fixture
def start_site(tmp_path, own_connection, monkeypatch):
    """Return the function that starts a site whose queue is in a broker."""
    queue = f"streamreports-{uuid.uuid4().hex}"
    contexts, brokers = [], []

    def start(broker):
        url = BROKERS[broker]
        environment = {"EXPORTS_BROKER": url, "EXPORTS_QUEUE": queue}
        contexts.append(started_site(tmp_path, monkeypatch, **environment))
        brokers.append(url)
        return contexts[0].__enter__()

    yield start
    for context in contexts:
        context.__exit__(None, None, None)
    for url in brokers:
        delete_queue(url, queue)


def delete_queue(url, queue):
    if url.startswith("redis"):
        with Redis.from_url(url) as redis:
            redis.delete(queue, *(f"_kombu.{kind}.{queue}" for kind in BINDINGS))
    else:
        with Celery(broker=url).connection_for_write() as broker:
            broker.default_channel.queue_delete(queue)


def start_worker(site, *arguments):
    return start_celery(site, "worker", *OPTIONS, *arguments)


def start_celery(site, *arguments):
    """Start a process of Celery, which warns that it should not run as root."""
    return site.start("-W", "ignore", "-m", "celery", "-A", APP, *arguments)


def kill_group(process):
    """Kill all processes of a worker at once, as when a machine loses its power."""
    os.killpg(process.pid, signal.SIGKILL)


def prune(site):
    """Delete the files without an export, as if they were old."""
    for name in site.files():
        os.utime(site.folder / "files" / name, (0, 0))
    site.manage("exports", "prune")


@pytest.mark.parametrize("broker", BROKERS)
def test_exports_whose_workers_are_killed_are_delivered_whole_and_once(start_site, broker):
    """Every fourth time, the whole worker is killed, else the process that makes the export.

    A worker that is killed before it has recorded its file leaves the file without an export.
    """
    site = start_site(broker)
    start_celery(site, "beat", "--loglevel=ERROR")
    worker = start_worker(site, "--concurrency=2")
    exports = []
    for number in range(20):
        export = site.export("/waiting/", number, submitted=None)
        exports.append(export)
        site.reached(number)
        if number % 4 == 3:
            kill_group(worker)
            worker = start_worker(site, "--concurrency=2")
        else:
            os.kill(site.worker_of(export), signal.SIGKILL)
        site.let_go(number)
    exports = [site.wait_for(export, "done") for export in exports]
    assert min(export.attempts for export in exports) == 2
    for export in exports:
        content = site.content(export)
        assert content == site.expected(waiting=True)
        assert (export.rows, export.sha256) == (ROWS, hashlib.sha256(content).hexdigest())
    prune(site)
    assert site.files() == sorted(export.file for export in exports)


def test_an_export_that_is_delivered_three_times_is_made_once(start_site):
    site = start_site("redis")
    for _number in range(3):  # None keeps an export back while it makes another one.
        options = ["--concurrency=1", "--disable-prefetch"]
        start_worker(site, *options, f"--hostname={uuid.uuid4().hex}")
    export = site.export("/waiting/", 0)
    site.manage("shell", "-c", SUBMIT_THREE_TIMES.format(key=export.pk))
    site.reached(0)
    # A second export is made while the first one waits: the other deliveries have been dealt with.
    for number in (1, 2, 3):
        other = site.export("/groups/", number, submitted=None)
        site.manage("exports", "submit")
        site.wait_for(other, "done")
    site.let_go(0)
    export = site.wait_for(export, "done")
    assert (export.attempts, len(site.files())) == (1, 4)


def open_files(group):
    """Return the files that the processes of a group have open."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # It has ended.
            if os.getpgid(int(process.name)) == group:
                yield from (str(each.readlink()) for each in (process / "fd").iterdir())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="The other databases are no files.")
def test_a_worker_keeps_no_connection_to_the_database(start_site):
    site = start_site("redis")
    worker = start_worker(site, "--pool=threads", "--concurrency=3")
    exports = [site.export("/waiting/", number, submitted=None) for number in range(3)]
    site.manage("exports", "submit")
    for number in range(3):
        site.reached(number)
    database = str(site.folder / "site.sqlite3")
    assert database in open_files(worker.pid)
    for number in range(3):
        site.let_go(number)
    for export in exports:
        site.wait_for(export, "done")
    wait_for(lambda: database not in open_files(worker.pid))


@pytest.mark.parametrize("pool", ["prefork", "threads"])
def test_a_worker_makes_many_exports(start_site, pool):
    site = start_site("redis")
    exports = [site.export("/groups/", number, submitted=None) for number in range(12)]
    assert site.manage("exports", "submit") == "Exports submitted: 12.\n"
    worker = start_worker(site, f"--pool={pool}", "--concurrency=3")
    exports = [site.wait_for(export, "done") for export in exports]
    assert {site.content(export) for export in exports} == {site.expected(waiting=False)}
    worker.send_signal(signal.SIGTERM)
    _, error = worker.communicate(timeout=HANGS)
    assert (worker.returncode, error) == (0, b"")


def test_a_worker_that_is_stopped_finishes_its_export(start_site):
    site = start_site("redis")
    export = site.export("/waiting/", 0, submitted=None)
    site.manage("exports", "submit")
    worker = start_worker(site, "--concurrency=1")
    site.reached(0)
    worker.send_signal(signal.SIGTERM)
    site.let_go(0)
    assert site.wait_for(export, "done").attempts == 1
    assert worker.wait(HANGS) == 0


def test_a_worker_that_is_stopped_at_once_gives_its_export_back(start_site):
    site = start_site("redis")
    export = site.export("/waiting/", 0, submitted=None)
    site.manage("exports", "submit")
    worker = start_worker(site, "--concurrency=1")
    site.reached(0)
    worker.send_signal(signal.SIGQUIT)
    export = site.wait_for(export, "queued")
    assert (export.attempts, export.submitted, site.files()) == (0, None, [])
