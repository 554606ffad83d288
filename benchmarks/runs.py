"""Measure each variant, several times in turn."""

from collections.abc import Sequence
from functools import partial
from math import inf
from statistics import median

from benchmarks import baseline, client
from benchmarks.figures import Figure, FirstByte, interleaved
from benchmarks.servers import serving
from benchmarks.variants import COMPARED, CSV, FORMATS, VARIANTS

WARM_UP = 1000  # rows: imports and query plans are not measured
FEW = 1000  # rows
FEW_ROWS = 10_000  # rows: whose memory is compared with that of many
FIRST_BYTES = 15  # measurements of the first byte for each number of rows


def variant(name: str, server: str, rows: int) -> Figure:
    """Return what a variant takes in a new server process."""
    path = f"/{name}/?rows={rows}"
    warm_up = min(rows, WARM_UP)
    with serving(server) as process:
        problem = checked(process.port, name, warm_up)
        before = process.peak_memory()
        taken = client.download(process.port, path)
        memory = process.peak_memory()
        if name == "project":
            problem = checked(process.port, name, rows)
    return Figure(
        name=name,
        label=VARIANTS[name].label,
        server=server,
        rows=rows,
        first_byte=taken.first_byte,
        total=taken.total,
        bytes=taken.bytes,
        memory=memory,
        memory_before=before,
        problem=problem,
    )


def checked(port: int, name: str, rows: int) -> str:
    """Return what is wrong with a variant's file of so many rows, "" if nothing is."""
    lines, is_complete = client.count_lines(port, f"/{name}/?rows={rows}")
    header_lines = VARIANTS[name].header_lines
    if header_lines is None:
        return ""
    if lines - header_lines != rows:
        return f"{lines - header_lines} of {rows} rows"
    return "" if is_complete else "truncated"


def database_client(rows: int) -> Figure:
    """Return what the database's own client takes."""
    taken = client.run(*baseline.command(rows))
    return Figure(
        name="baseline",
        label=baseline.label(),
        server="",
        rows=rows,
        first_byte=taken.first_byte,
        total=taken.total,
        bytes=taken.bytes,
    )


def compare(
    servers: list[str], rows: int, peer_rows: int, rounds: int, only: Sequence[str] | None = None
) -> list[Figure]:
    """Return what each variant takes on the first server, and this project on the others."""
    jobs = [
        partial(variant, name, servers[0], peer_rows if VARIANTS[name].is_peer else rows)
        for name in only or CSV
    ]
    jobs += [partial(variant, "project", server, rows) for server in servers[1:]]
    if not baseline.missing():
        jobs.append(partial(database_client, rows))
    return interleaved(jobs, rounds)


def compare_peers(
    server: str, rows: int, rounds: int, only: Sequence[str] | None = None
) -> list[Figure]:
    """Return what this project and each other way take on the same rows, in every round."""
    jobs = [partial(variant, name, server, rows) for name in only or COMPARED]
    return interleaved(jobs, rounds, slow=inf)


def compare_formats(server: str, rows: int, peer_rows: int, rounds: int) -> list[Figure]:
    """Return what each format takes, and what this project takes on few rows."""
    few = min(rows, FEW_ROWS)
    jobs = [
        partial(variant, name, server, peer_rows if each.is_peer else rows)
        for name, each in FORMATS.items()
    ]
    jobs += [partial(variant, name, server, few) for name in FORMATS if name.startswith("project")]
    return interleaved(jobs, rounds)


def grow(server: str, sizes: list[int], rounds: int) -> list[Figure]:
    """Return what this project takes for an increasing number of rows."""
    return interleaved([partial(variant, "project", server, rows) for rows in sizes], rounds)


def first_bytes(server: str, rows: int) -> list[FirstByte]:
    """Return the first byte of a short report and of one with so many rows."""
    sizes = [FEW, rows]
    with serving(server) as process:
        client.download(process.port, f"/project/?rows={FEW}")
        seconds = [
            [client.first_byte(process.port, f"/project/?rows={size}") for size in sizes]
            for _ in range(FIRST_BYTES)
        ]
    return [
        FirstByte(size, median(times))
        for size, times in zip(sizes, zip(*seconds, strict=True), strict=True)
    ]
