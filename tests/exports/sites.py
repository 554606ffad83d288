"""A site in processes of its own."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from django.contrib.auth.models import Group, User
from django.db import connection, connections

from streamreports.exports.models import Export
from tests.asgi import HANGS
from tests.exports.support import MODEL_BACKEND, saved_request

ROOT = Path(__file__).parents[2]
ROWS = 200


class Site:
    """A site in a database of its own, or in that of the tests where it is no file."""

    def __init__(self, folder, using, **environment):
        self.folder = folder
        self.environment = environment
        self.exports = Export.objects.using(using)
        self.owner = User.objects.db_manager(using).create(username="ana")
        self.workers = []
        self.groups = Group.objects.using(using)
        self.groups.bulk_create(Group(name=f"Group {number}") for number in range(ROWS))

    def export(self, path, number, **fields):
        saved = saved_request(path, f"number={number}")
        return self.exports.create(
            owner=self.owner,
            auth_backend=MODEL_BACKEND,
            title="Groups",
            active_key=saved.key_for(self.owner, "text/csv"),
            **saved.as_fields(),
            **fields,
        )

    def worker_of(self, export):
        """Return the process that makes an export."""
        return int(self.exports.get(pk=export.pk).lease_owner.split(":")[1])

    def start_worker(self, *arguments, **options):
        return self.start("manage.py", "exports", "run", "--poll", "0.1", *arguments, **options)

    def start(self, *arguments, **options):
        """Start a process of the site, in a group of its own."""
        process = start(self.folder, *arguments, **{**self.environment, **options})
        self.workers.append(process)
        return process

    def manage(self, *arguments):
        """Return what a command prints that succeeds."""
        with start(self.folder, "manage.py", *arguments, **self.environment) as process:
            output, error = process.communicate(timeout=HANGS)
        assert process.returncode == 0, error.decode()
        return output.decode()

    def reached(self, number):
        """Wait until a worker is in the middle of a report."""
        file = self.folder / f"{number}.reached"
        wait_for(file.exists)
        file.unlink()

    def let_go(self, number):
        (self.folder / f"{number}.go").touch()

    def wait_for(self, export, state):
        def has_arrived():
            found = self.exports.get(pk=export.pk)
            assert found.state in (state, "queued", "running"), found.traceback
            return found.state == state

        wait_for(has_arrived)
        return self.exports.get(pk=export.pk)

    def ended(self, export):
        """Return an export when it has ended."""
        wait_for(lambda: not self.exports.get(pk=export.pk).is_active)
        return self.exports.get(pk=export.pk)

    def make(self, path, number):
        """Return an export that a worker has made, which so has looked for exports."""
        return self.wait_for(self.export(path, number), "done")

    def files(self, *, hidden=False):
        names = [path.name for path in (self.folder / "files").glob("*")]
        return sorted(name for name in names if hidden or not name.startswith("."))

    def content(self, export):
        return (self.folder / "files" / export.file).read_bytes()

    def expected(self, *, waiting):
        ids = self.groups.order_by("id").values_list("id", flat=True)
        lines = ["ID,Text", *(f"{pk}," for pk in ids)] if waiting else ["ID", *map(str, ids)]
        return "".join(f"{line}\r\n" for line in lines).encode()


def start(folder, *arguments, within=(), **environment):
    """Start Python with the site; ``within`` is a command that runs another one."""
    database = folder / "site.sqlite3"
    if connection.vendor != "sqlite":
        database = connection.settings_dict["NAME"]
    environment = {
        **os.environ,
        "DATABASE": connection.vendor,
        "DJANGO_SETTINGS_MODULE": "tests.exports.site.settings",
        "EXPORTS_DATABASE": str(database),
        "EXPORTS_FOLDER": str(folder),
        "PYTHONPATH": str(ROOT),
        **environment,
    }
    return subprocess.Popen(
        [*within, sys.executable, "-W", "error", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=have_default_signals,
        start_new_session=True,
    )


def have_default_signals():
    """Undo what a parent process ignores, such as a shell that runs the tests in background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def wait_for(condition):
    deadline = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < deadline, "This takes too long."
        time.sleep(0.05)


@contextmanager
def started_site(folder, monkeypatch, **environment):
    """Yield a site whose processes have some environment; kill them, and empty the database."""
    using = "default"
    if connection.vendor == "sqlite":
        using = "exports"
        name = str(folder / "site.sqlite3")
        database = {**connections.settings["default"], "NAME": name, "TEST": {}}
        monkeypatch.setitem(connections.settings, using, database)
        with start(folder, "manage.py", "migrate", **environment) as process:
            _, error = process.communicate()
        assert process.returncode == 0, error
    site = Site(folder, using, **environment)
    try:
        yield site
    finally:
        for worker in site.workers:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.communicate()
        site.exports.all().delete()
        site.owner.delete()
        site.groups.all().delete()
        if using == "exports":
            connections[using].close()
            del connections[using]
