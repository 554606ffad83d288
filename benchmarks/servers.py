"""Run a real server for one measurement."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = 30  # until a server must accept connections
HOST = "127.0.0.1"

COMMANDS = {
    "gunicorn": "gunicorn benchmarks.wsgi --bind {address} --workers 1 --timeout 900"
    " --log-level error",
    "uvicorn": "uvicorn benchmarks.asgi:application --host {host} --port {port} --lifespan off"
    " --log-level error --no-access-log",
    "runserver": "django runserver --noreload {address}",
}


def missing(name: str) -> str:
    """Return how to install a server, or "" if it is installed."""
    module = COMMANDS[name].split()[0]
    return "" if find_spec(module) else f"{name} is not installed: pip install {module}"


class Process:
    """A running process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def peak_memory(self) -> int:
        """Return the peak memory of the process or of its largest descendant, in bytes."""
        return max(map(peak_of, family(self.pid)))


class Server(Process):
    """A running server: its process and its port."""

    def __init__(self, pid: int, port: int) -> None:
        super().__init__(pid)
        self.port = port


@contextmanager
def serving(name: str) -> Iterator[Server]:
    """Start a server, yield it, and stop it."""
    port = free_port()
    command = COMMANDS[name].format(host=HOST, port=port, address=f"{HOST}:{port}")
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", *command.split()],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(process, port)
        yield Server(process.pid, port)
    finally:
        stop(process)


@contextmanager
def working() -> Iterator[Process]:
    """Start a worker of exports, yield it, and stop it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "django", "exports", "run", "--poll", "0.05"],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield Process(process.pid)
    finally:
        process.kill()  # It waits for exports.
        process.wait()


def free_port() -> int:
    """Return an unused port."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def stop(process: subprocess.Popen[bytes]) -> None:
    """Terminate a process; kill it if it does not exit within ten seconds."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until a server accepts connections; raise RuntimeError if it does not start."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("The server did not start; its error is above.")


def family(pid: int) -> Iterator[int]:
    """Yield the ids of a process and of its descendants."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # The thread has just ended.
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def peak_of(pid: int) -> int:
    """Return the peak memory of a process, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


def load() -> float:
    """Return the load average of the last minute."""
    return os.getloadavg()[0]
