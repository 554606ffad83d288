"""The goals of the project: what it must reach and what it aims at, beside what was measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.figures import MB, Figure, FirstByte

# The ratio that each database must reach, and the one to aim at.
SPEED_UP = {"sqlite": (8, 10), "postgresql": (14, 20), "mysql": (10, 14)}
CLIENT = {"sqlite": (0.5, 0.6), "postgresql": (0.7, 0.85)}
UNKNOWN_FIELD = {"postgresql": (0.35, 0.5)}
CALLABLE = (1.0, 1.3)
JSON_LINES = {"postgresql": (8, 12)}
XLSX = (4, 8)
PARQUET = (0.8, 1.0)
GZIP = {"postgresql": (0.5, 0.8)}
EXPORT = (0.8, 1.0)
CANCEL = (1.0, 0.75)  # seconds; smaller is better
FIRST_BYTE = (2.0, 1.1)  # smaller is better; the aim is the same, but for a tenth of noise

# The megabytes that many rows may take more than few; smaller is better.
MEMORY = {
    "export_memory": (10, 2),
    "fetch": (10, 2),
    "project": (10, 2),
    "project_gzip": (10, 2),
    "project_html": (10, 2),
    "project_json_lines": (10, 2),
    "project_parquet": (10, 8),
    "project_xlsx": (60, 10),
}


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
    rates = {figure.name: figure.rate for figure in reversed(figures)}  # of the first server
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
        (
            "JSON Lines: json.dumps() over iterator()",
            "json_loop",
            "project_json_lines",
            JSON_LINES.get(database, none),
        ),
        ("XLSX: openpyxl's write-only mode", "openpyxl", "project_xlsx", XLSX),
        ("Parquet: pyarrow over iterator()", "pyarrow_loop", "project_parquet", PARQUET),
        ("export: live download", "project", "export", EXPORT),
        ("csv.gz: CSV", "project", "project_gzip", GZIP.get(database, none)),
    ]:
        if slow in rates and fast in rates:
            yield Goal(label, rates[fast] / rates[slow], *bounds)
    for name, bounds in MEMORY.items():
        sizes = [figure for figure in figures if figure.name == name]
        fewer = [figure for figure in sizes if figure.rows < sizes[0].rows]
        if fewer:
            many, few = sizes[0], fewer[0]
            label = f"{many.label}: MB of {many.rows:,} rows above those of {few.rows:,}"
            added = (many.memory - few.memory) / MB
            yield Goal(label, added, *bounds, smaller_is_better=True)
    for figure in figures:
        if figure.name.startswith("cancel"):
            yield Goal(f"{figure.label}: seconds", figure.total, *CANCEL, smaller_is_better=True)
    if first_bytes:
        first, last = first_bytes
        label = f"first byte: {last.rows:,} rows against {first.rows:,}"
        yield Goal(label, last.seconds / first.seconds, *FIRST_BYTE, smaller_is_better=True)
