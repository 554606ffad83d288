"""Run a real server, with one worker process, and look at it from outside."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from urllib.request import urlopen

from benchmarks.servers import HOST, free_port

LOGGED = re.compile(r"^\w+ (completed|aborted|failed): (?:(\d+) rows, )?(\d+) bytes", re.MULTILINE)
PATIENCE = 60  # seconds until a server must answer
ROOT = Path(__file__).resolve().parents[2]

# The last word is the application: more arguments go before it.
SERVERS = {
    "runserver": "django runserver --noreload {host}:{port}",
    "gunicorn-sync": "gunicorn --bind {host}:{port} {wsgi}",
    "gunicorn-gthread": "gunicorn --worker-class gthread --threads 4 --bind {host}:{port} {wsgi}",
    "gunicorn-asgi": "gunicorn --worker-class asgi --bind {host}:{port} {asgi}",
    "waitress": "waitress --listen={host}:{port} {wsgi}",
    "granian-wsgi": "granian --interface wsgi --host {host} --port {port} {wsgi}",
    "granian-asgi": "granian --interface asgi --host {host} --port {port} {asgi}",
    "uvicorn-h11": "uvicorn --http h11 --host {host} --port {port} {asgi}",
    "uvicorn-httptools": "uvicorn --http httptools --host {host} --port {port} {asgi}",
    "hypercorn-wsgi": "hypercorn --bind {host}:{port} wsgi:{wsgi}",
    "hypercorn-asgi": "hypercorn --bind {host}:{port} asgi:{asgi}",
    "daphne": "daphne -b {host} -p {port} {asgi}",
}
ASGI = [name for name, command in SERVERS.items() if "{asgi}" in command]
WSGI = [name for name in SERVERS if name not in ASGI]


class RunningServer:
    """A server's main process, which listens to signals, and its worker, which has the site."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.name = name
        self.process = process
        self.port = port
        self.pid = 0  # The worker's, once it has answered.
        self._log = log

    def log(self) -> str:
        """Return what the server has written."""
        return self._log.read_text(errors="replace")

    def reports(self) -> list[tuple[str, int, int]]:
        """Return how each report ended: the outcome, rows and bytes. A page has no rows."""
        found = LOGGED.finditer(self.log())
        return [(each[1], int(each[2] or 0), int(each[3])) for each in found]

    def ping(self) -> str:
        """Return what the plain view answers, which asks the database for a row."""
        with urlopen(f"http://{HOST}:{self.port}/ping", timeout=PATIENCE) as response:
            return str(response.read().decode())

    def memory(self) -> int:
        """Return the memory that the worker holds, in bytes."""
        return self._status("VmRSS") * 1024

    def peak_memory(self) -> int:
        """Return the most memory that the worker has held since it was last forgotten, in bytes."""
        return self._status("VmHWM") * 1024

    def forget_peak(self) -> None:
        """Have the peak of memory begin from here."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def threads(self) -> int:
        """Return how many threads the worker has."""
        return self._status("Threads")

    def open_files(self) -> int:
        """Return how many file descriptors the worker has open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def is_idle(self) -> bool:
        """Tell whether the worker does nothing for half a second, or close to nothing."""
        before = self._ticks()
        time.sleep(0.5)
        return self._ticks() - before <= 2

    def terminate(self) -> None:
        """Ask the server to stop, as a process manager does."""
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout: float) -> int:
        """Return the exit status of a server that stops in time."""
        return self.process.wait(timeout)

    def wait_until_it_answers(self) -> None:
        """Wait for the plain view, and remember the process that answers."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.pid = int(self.ping())
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"{self.name} does not answer:\n{self.log()}")

    def _ticks(self) -> int:
        """Return the processor time that the worker has had, in hundredths of seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def _status(self, name: str) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"{name}:\s+(\d+)", status)
        assert found
        return int(found[1])


@contextmanager
def serving(
    name: str,
    *,
    environment: Mapping[str, str] = MappingProxyType({}),
    arguments: Sequence[str] = (),
) -> Iterator[RunningServer]:
    """Yield a server that has just been started and answers; end all of its processes."""
    port = free_port()
    names = {"host": HOST, "port": port}
    names |= {kind: f"tests.servers.site.{kind}:application" for kind in ("wsgi", "asgi")}
    *command, application = SERVERS[name].format(**names).split()
    with tempfile.NamedTemporaryFile(prefix=f"{name}-", suffix=".log") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, *arguments, application],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "PYTHONUNBUFFERED": "1",
                "DJANGO_SETTINGS_MODULE": "tests.servers.site.settings",
                **environment,
            },
            start_new_session=True,
        )
        try:
            server = RunningServer(name, process, port, Path(log.name))
            server.wait_until_it_answers()
            yield server
        finally:
            with suppress(ProcessLookupError):  # It has stopped.
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
