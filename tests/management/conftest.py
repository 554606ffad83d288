"""Processes of the commands, with a database file of their own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = 200


@pytest.fixture(autouse=True)
def signals_with_their_defaults():
    """Undo what a parent process ignores, such as nohup: the processes of a test inherit it."""
    defaults = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGHUP: signal.SIG_DFL,
    }
    before = {signum: signal.signal(signum, handler) for signum, handler in defaults.items()}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


class Manage:
    """Run the commands of a site on a database."""

    def __init__(self, database):
        self.command = [sys.executable, "-W", "error", "manage.py"]
        self.environment = {
            **os.environ,
            "DATABASE": "sqlite",
            "DJANGO_SETTINGS_MODULE": "tests.management.site.settings",
            "PYTHONPATH": str(ROOT),
            "SQLITE_NAME": str(database),
        }

    def start(self, *arguments, environment=None, **kwargs):
        """Return a process whose outputs are pipes, unless they are given."""
        kwargs = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **kwargs}
        environment = {**self.environment, **(environment or {})}
        return subprocess.Popen(
            [*self.command, *map(str, arguments)], cwd=ROOT, env=environment, **kwargs
        )

    def run(self, *arguments, **kwargs):
        """Return the exit status of a process, and its outputs."""
        with self.start(*arguments, **kwargs) as process:
            stdout, stderr = process.communicate()
        return process.returncode, stdout, (stderr or b"").decode()


@pytest.fixture(scope="session")
def manage(tmp_path_factory):
    """Return what runs the commands of the site."""
    manage = Manage(tmp_path_factory.mktemp("site") / "site.sqlite3")
    status, _, error = manage.run("demo", "--no-serve", "--rows", ROWS)
    assert status == 0, error
    return manage
