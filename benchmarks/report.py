"""Print what was measured as tables and as JSON."""

import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import django

from benchmarks.figures import MB, Figure, FirstByte
from benchmarks.goals import Goal

COLUMNS = [
    "rows", "runs", "first byte", "total", "MB/s", "rows/s", "peak MB", "x article", "x client",
]  # fmt: skip


def figures_table(figures: Sequence[Figure]) -> str:
    """Return a line per variant, with its rows per second against the snippet and the client."""
    rates = {figure.name: figure.rate for figure in reversed(figures)}  # of the first server
    article, database_client = rates.get("streaming"), rates.get("baseline")
    lines = [
        [
            label_of(figure),
            f"{figure.rows:,}",
            str(figure.runs),
            f"{figure.first_byte * 1000:,.0f} ms" if figure.first_byte else "",
            f"{figure.total:.2f} s",
            f"{figure.bytes / MB / figure.total:.1f}" if figure.bytes else "",
            f"{figure.rate:,.0f}" if figure.bytes else "",
            f"{figure.memory / MB:.0f}" if figure.memory else "",
            f"{figure.rate / article:.1f}" if article else "",
            f"{figure.rate / database_client:.2f}" if database_client else "",
        ]
        for figure in figures
    ]
    return aligned(["variant", *COLUMNS], lines)


def peers_table(figures: Sequence[Figure]) -> str:
    """Return a Markdown table with a line per variant, whose time is compared with the first."""
    header = [
        "variant", "seconds", "times as long", "first byte", "peak memory", "of which for the rows",
        "queries", "with select_related()",
    ]  # fmt: skip
    lines = [
        [
            figure.label,
            f"{figure.total:.2f} s",
            f"{figure.total / figures[0].total:.1f}",
            f"{figure.first_byte * 1000:,.0f} ms",
            f"{figure.memory / MB:.0f} MB",
            f"{(figure.memory - figure.memory_before) / MB:.0f} MB",
            *[f"{queries:,}" for queries in figure.queries or ()],
        ]
        for figure in figures
    ]
    table = [header, ["---"] * len(header), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in table)


def goals_table(goals: Iterable[Goal], database: str) -> str:
    """Return a line per goal: what it must be, what it should be, and what was measured."""
    lines = [
        [
            goal.label,
            "" if goal.must is None else f"{goal.must:.2f}",
            "" if goal.aim is None else f"{goal.aim:.2f}",
            f"{goal.measured:.2f}",
            goal.verdict,
        ]
        for goal in goals
    ]
    return aligned([f"{database}, against", "must", "aim", "measured", "reached"], lines)


def growth_table(figures: Iterable[Figure]) -> str:
    """Return how the seconds, the first byte and the memory grow with the rows."""
    lines = [
        [
            f"{figure.rows:,}",
            f"{figure.first_byte * 1000:.1f} ms",
            f"{figure.total:.2f} s",
            f"{figure.memory / MB:.1f}",
            f"{(figure.memory - figure.memory_before) / MB:.1f}",
        ]
        for figure in figures
    ]
    return aligned(["rows", "first byte", "total", "peak MB", "added MB"], lines)


def aligned(header: list[str], lines: list[list[str]]) -> str:
    """Return a table whose first column is aligned to the left and the others to the right."""
    table = [header, *lines]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if number == 0 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in table
    )


def label_of(figure: Figure) -> str:
    """Return the label of a figure, with its server."""
    return f"{figure.label} ({figure.server})" if figure.server else figure.label


def as_json(
    database: str,
    figures: Sequence[Figure],
    goals: Sequence[Goal],
    first_bytes: Sequence[FirstByte],
    missing: Sequence[str],
) -> dict[str, Any]:
    """Return everything that was measured, and on which machine."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": database,
        "python": platform.python_version(),
        "django": django.get_version(),
        "machine": platform.platform(),
        "figures": [asdict(figure) for figure in figures],
        "goals": [asdict(goal) | {"reached": goal.verdict} for goal in goals],
        "first_bytes": [asdict(first) for first in first_bytes],
        "missing": list(missing),
    }
