"""Measure each contender in turn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks import client, limits
from benchmarks.client import Download
from benchmarks.servers import Server, serving
from benchmarks.views import CONTENDERS

WARM_UP = 1000  # rows: so that nothing is imported or planned for the first time


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What one contender took: the best of some runs. Times are seconds, memory is bytes.

    ``memory``: the most that the worker held, 0 where it is not known.
    ``memory_before``: the same before the big file.
    ``file_rows``: counted in the file, where that is done.
    """

    name: str
    label: str
    server: str
    rows: int
    first_byte: float
    total: float
    bytes: int
    memory: int = 0
    memory_before: int = 0
    file_rows: int | None = None
    file_whole: bool | None = None


def best(measure: Callable[[], Download], repeat: int) -> Download:
    """Return the shortest times that some runs took, each of them by itself."""
    runs = [measure() for _ in range(repeat)]
    return replace(
        runs[0],
        first_byte=min(run.first_byte for run in runs),
        total=min(run.total for run in runs),
    )


def contender(name: str, server_name: str, rows: int, repeat: int) -> Figure:
    """Return what a contender takes on a server of its own."""
    path = f"/{name}/?rows={rows}"
    with serving(server_name) as server:
        client.download(server.port, f"/{name}/?rows={min(rows, WARM_UP)}")
        before = server.peak_memory()
        taken = best(lambda: client.download(server.port, path), repeat)
        memory = server.peak_memory()
        file_rows, whole = checked(name, server, path)
    return Figure(
        name=name,
        label=CONTENDERS[name][0],
        server=server_name,
        rows=rows,
        first_byte=taken.first_byte,
        total=taken.total,
        bytes=taken.bytes,
        memory=memory,
        memory_before=before,
        file_rows=file_rows,
        file_whole=whole,
    )


def checked(name: str, server: Server, path: str) -> tuple[int | None, bool | None]:
    """Return the rows of this project's plain file, and whether it is whole."""
    if name != "project":
        return None, None
    lines, whole = client.count_rows(server.port, path)
    return lines - 1, whole


def limit(rows: int, repeat: int) -> Figure:
    """Return what the database's own client takes."""
    command, env = limits.command(rows)
    taken = best(lambda: client.run(command, env), repeat)
    return Figure(
        name="limit",
        label=limits.name(),
        server="",
        rows=rows,
        first_byte=taken.first_byte,
        total=taken.total,
        bytes=taken.bytes,
    )


def race(
    server_names: list[str], rows: int, repeat: int, only: Sequence[str] | None = None
) -> Iterator[Figure]:
    """Yield what each contender takes; the servers but the first one serve this project alone."""
    for name in only or CONTENDERS:
        yield contender(name, server_names[0], rows, repeat)
    for other in server_names[1:]:
        yield contender("project", other, rows, repeat)
    if not limits.missing():
        yield limit(rows, repeat)


def growth(server_name: str, sizes: list[int], repeat: int) -> Iterator[Figure]:
    """Yield what this project takes for more and more rows."""
    for rows in sizes:
        yield contender("project", server_name, rows, repeat)
