"""Run each test file in a process of its own, to find files that pass only after another one.

The processes are forked from one that has imported pytest and the package: most files take less
time than these imports. The arguments are the number of processes and the files. The output of
files that fail is printed.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
import hypothesis.strategies  # noqa: F401 - This import and the next take most of the time.
import pytest
import pytest_randomly  # noqa: F401

django.setup()

# What is imported above is no test.
OPTIONS = ["-q", "-W", "ignore::pytest.PytestAssertRewriteWarning"]


def start(path, log):
    """Fork a process that tests a file, and return its number."""
    process = os.fork()
    if not process:
        output = os.open(log, os.O_WRONLY | os.O_CREAT)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        status = pytest.main([*OPTIONS, path])
        sys.stdout.flush()
        os._exit(status)
    return process


def finish(running):
    """Wait for one of the processes, and return whether its file failed."""
    process, status = os.wait()
    log = running.pop(process)
    if status:
        print(log.read_text(errors="replace"), flush=True)
    return bool(status)


def main(processes, *paths):
    """Test the files, and return the exit status: 1 if any failed."""
    running, failed = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(paths):
            if len(running) == int(processes):
                failed += finish(running)
            log = Path(folder, str(number))
            running[start(path, log)] = log
        while running:
            failed += finish(running)
    print(f"{len(paths)} files, {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
