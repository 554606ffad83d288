"""Measure exports: a worker's speed and memory, fetching their files, and cancelling them."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from benchmarks import client
from benchmarks.figures import Figure, interleaved
from benchmarks.runs import WARM_UP, variant
from benchmarks.servers import serving, working
from streamreports.exports.models import Export
from streamreports.exports.pruning import delete_export
from streamreports.exports.saved import SavedRequest
from streamreports.exports.storage import get_storage

FEW_ROWS = 50_000  # whose memory is compared with that of many
LONG_ROWS = 500_000  # that take long enough to be cancelled in the middle
CANCELS = 5  # the slowest counts
LIMIT = 900  # seconds until an export has to be ready


def compare(server: str, rows: int, most_rows: int, rounds: int) -> list[Figure]:
    """Return what an export takes beside a live download, and what many rows take."""
    few, sha256 = min(rows, FEW_ROWS), live_sha256(server, rows)
    speed = [partial(live, server, rows), partial(export, "export", rows, sha256)]
    others = [
        partial(export, "export_memory", most_rows),
        partial(export, "export_memory", few),
        partial(fetch, server, most_rows),
        partial(fetch, server, few),
        partial(cancel_queued, most_rows),
    ]
    if most_rows >= LONG_ROWS:
        others.append(partial(cancel_running, most_rows))
    return interleaved(speed, rounds) + interleaved(others, 1)


def address(rows: int) -> str:
    """Return the query string of the report with so many rows."""
    return f"rows={rows}"


def live_sha256(server: str, rows: int) -> str:
    """Return the SHA-256 of a live download."""
    with serving(server) as process:
        return client.digest(process.port, f"/project/?{address(rows)}")


def live(server: str, rows: int) -> Figure:
    """Return what a live download takes."""
    return replace(variant("project", server, rows), label="live download")


def export(name: str, rows: int, sha256: str = "") -> Figure:
    """Return what an export takes in a new worker, from its claim until its file is on the disk.

    ``sha256``: that of the live download; "" if there was none.
    """
    with working() as worker:
        delete_export(made(min(rows, WARM_UP)))
        before = worker.peak_memory()
        made_export = made(rows)
        memory = worker.peak_memory()
    problem = problem_of(made_export, rows, sha256)
    delete_export(made_export)
    return Figure(
        name=name,
        label="export",
        server="",
        rows=rows,
        first_byte=0,
        total=(made_export.finished - made_export.started).total_seconds(),  # type: ignore[operator]
        bytes=made_export.bytes,
        memory=memory,
        memory_before=before,
        problem=problem,
    )


def problem_of(export: Export, rows: int, sha256: str) -> str:
    """Return what is wrong with the file of an export, "" if nothing is."""
    if export.rows != rows:
        return f"{export.rows} of {rows} rows"
    with get_storage().open(export.file) as file:
        stored = hashlib.file_digest(file, "sha256").hexdigest()
    if stored != export.sha256:
        return "a file that differs from its SHA-256"
    return "" if sha256 in ("", stored) else "a file that differs from the live download"


def fetch(server: str, rows: int) -> Figure:
    """Return what fetching the file of an export takes in a new server process."""
    with working():
        small, large = made(WARM_UP), made(rows)
    browser = Client()
    browser.force_login(large.owner)
    cookie = f"sessionid={browser.cookies['sessionid'].value}"
    with serving(server) as process:
        client.download(process.port, f"/exports/{small.pk}/file/", cookie)
        before = process.peak_memory()
        taken = client.download(process.port, f"/exports/{large.pk}/file/", cookie)
        memory = process.peak_memory()
    delete_export(small)
    delete_export(large)
    return Figure(
        name="fetch",
        label="fetching the file",
        server=server,
        rows=rows,
        first_byte=taken.first_byte,
        total=taken.total,
        bytes=taken.bytes,
        memory=memory,
        memory_before=before,
        problem="" if taken.bytes == large.bytes else f"{taken.bytes} of {large.bytes} bytes",
    )


def cancel_running(rows: int) -> Figure:
    """Return the seconds until a worker has left a cancelled export, the slowest of some."""
    with working():
        delete_export(made(WARM_UP))
        seconds = [cancelled(rows, is_in_the_middle) for _ in range(CANCELS)]
    return cancel_figure("cancel_running", "cancelling, while it runs", rows, max(seconds))


def is_in_the_middle(export: Export) -> bool:
    """Return whether rows have been written, or all of them."""
    return export.rows > 0 or not export.is_active


def cancel_queued(rows: int) -> Figure:
    """Return the seconds until an export that waits is cancelled, the slowest of some."""
    seconds = [cancelled(rows, lambda export: True) for _ in range(CANCELS)]
    return cancel_figure("cancel_queued", "cancelling, in the queue", rows, max(seconds))


def cancel_figure(name: str, label: str, rows: int, seconds: float) -> Figure:
    """Return how long cancelling takes."""
    return Figure(
        name=name, label=label, server="", rows=rows, first_byte=0, total=seconds, bytes=0
    )


def cancelled(rows: int, is_ready: Callable[[Export], bool]) -> float:
    """Return the seconds from cancelling an export until it has ended."""
    export = wait_for(queued(rows), is_ready)
    started = time.perf_counter()
    export.cancel()
    export = wait_for(export, lambda export: not export.is_active)
    if export.state != Export.State.CANCELLED:
        raise RuntimeError(f"The cancelled export is {export.state}. More rows would help.")
    seconds = time.perf_counter() - started
    delete_export(export)
    return seconds


def made(rows: int) -> Export:
    """Return an export of so many rows that a worker has made."""
    export = wait_for(queued(rows), lambda export: not export.is_active)
    if export.state != Export.State.DONE:
        raise RuntimeError(f"The export is {export.state}: {export.error} {export.traceback}")
    return export


def queued(rows: int) -> Export:
    """Return a new export of so many rows."""
    owner, _created = User.objects.get_or_create(username="benchmark")
    saved = SavedRequest(
        scheme="http",
        host="127.0.0.1",
        script_name="",
        path="/project/",
        query_string=address(rows),
        accept="",
        language="en",
        time_zone="UTC",
    )
    export: Export = Export.objects.create(
        owner=owner,
        auth_backend="django.contrib.auth.backends.ModelBackend",
        title="benchmark",
        active_key=saved.key_for(owner, "text/csv"),
        **saved.as_fields(),
    )
    return export


def wait_for(export: Any, is_ready: Callable[[Export], bool]) -> Export:
    """Return an export as it is once it is ready."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        found: Export = Export.objects.get(pk=export.pk)
        if is_ready(found):
            return found
        time.sleep(0.02)
    raise RuntimeError(f"The export is still {found.state}.")
