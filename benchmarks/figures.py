"""What was measured, and how several runs become one figure."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

MB = 1_000_000  # bytes
SLOW = 15  # seconds


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What a variant took: the median of ``runs`` runs. Times are in seconds, memory in bytes.

    ``first_byte``: until the first rows have arrived; a header alone does not count. 0 if there is
    none, as in an export.
    ``bytes``: 0 if what was measured has no file.
    ``memory``: the peak memory of the worker, 0 if unknown.
    ``memory_before``: the same before the measured file.
    ``queries``: those of a file with a column of a related object, as the variant is documented,
    and with ``select_related()``; None if they were not counted.
    ``problem``: what is wrong with the file, "" if nothing is.
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
    queries: tuple[int, int] | None = None
    problem: str = ""
    runs: int = 1

    @property
    def rate(self) -> float:
        """Return the rows per second."""
        return self.rows / self.total


@dataclass(frozen=True)
class FirstByte:
    """The median of the seconds until the first byte of a report with so many rows."""

    rows: int
    seconds: float


Job = Callable[[], Figure]


def interleaved(jobs: Sequence[Job], rounds: int, slow: float = SLOW) -> list[Figure]:
    """Run all jobs once a round, so that a disturbance does not affect every run of one job.

    A job that takes longer than ``slow`` seconds in the first round is not run again.
    """
    found: list[list[Figure]] = [[] for _ in jobs]
    for _ in range(rounds):
        for job, figures in zip(jobs, found, strict=True):
            if not figures or figures[0].total <= slow:
                figures.append(job())
                log(figures[-1])
    return [middle(figures) for figures in found]


def middle(figures: Sequence[Figure]) -> Figure:
    """Return the medians of the runs of one job, and the most memory."""
    return replace(
        figures[0],
        first_byte=median(figure.first_byte for figure in figures),
        total=median(figure.total for figure in figures),
        memory=max(figure.memory for figure in figures),
        problem=next((figure.problem for figure in figures if figure.problem), ""),
        runs=len(figures),
    )


def log(figure: Figure) -> None:
    """Show on standard error what has just been measured."""
    sys.stderr.write(f"{figure.label}, {figure.rows:,} rows: {figure.total:.2f} s\n")
