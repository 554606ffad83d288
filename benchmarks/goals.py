"""The goals of the project: what it must reach and what it aims at, beside what was measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.figures import Figure, FirstByte

# The ratio that each database must reach, and the one to aim at.
SPEED_UP = {"sqlite": (8, 10), "postgresql": (14, 20), "mysql": (10, 14)}
CLIENT = {"sqlite": (0.5, 0.6), "postgresql": (0.7, 0.85)}
UNKNOWN_FIELD = {"postgresql": (0.35, 0.5)}
CALLABLE = (1.0, 1.3)
FIRST_BYTE = (2.0, 1.1)  # smaller is better; the aim is the same, but for a tenth of noise


@dataclass(frozen=True)
class Goal:
    """A ratio of two medians of one run. ``must`` and ``aim`` are None if there is no goal."""

    label: str
    measured: float
    must: float | None = None
    aim: float | None = None
    smaller_is_better: bool = False

    @property
    def verdict(self) -> str:
        """Return "aim" or "must" for the best goal that is reached, else "missed"."""
        if self.must is None or self.aim is None:
            return ""
        if self._reaches(self.aim):
            return "aim"
        return "must" if self._reaches(self.must) else "missed"

    def _reaches(self, bound: float) -> bool:
        return self.measured <= bound if self.smaller_is_better else self.measured >= bound


def goals(
    figures: Sequence[Figure], first_bytes: Sequence[FirstByte], database: str
) -> Iterator[Goal]:
    """Yield the goals for a database, as far as they were measured."""
    totals = {figure.name: figure.total for figure in reversed(figures)}  # of the first server
    none = (None, None)
    for label, slow, fast, bounds in [
        ("the article's streaming snippet", "streaming", "project", SPEED_UP.get(database, none)),
        ("the database's client, plain columns", "baseline", "project", CLIENT.get(database, none)),
        ("one callable: a loop by hand in batches", "python_by_hand", "project_python", CALLABLE),
        (
            "one unknown field: all columns known",
            "project",
            "project_unknown",
            UNKNOWN_FIELD.get(database, none),
        ),
    ]:
        if slow in totals and fast in totals:
            yield Goal(label, totals[slow] / totals[fast], *bounds)
    if first_bytes:
        few, many = first_bytes
        label = f"first byte: {many.rows:,} rows against {few.rows:,}"
        yield Goal(label, many.seconds / few.seconds, *FIRST_BYTE, smaller_is_better=True)
