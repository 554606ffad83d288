"""Say what was measured: as a table, as JSON and as a chart."""

import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from html import escape
from typing import Any

import django

from benchmarks.runs import Figure

MB = 1_000_000  # bytes
COLUMNS = ("first byte", "total", "MB/s", "rows/s", "peak MB", "speed-up", "of limit")

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.bar { fill: #8c959f } .project { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .bar { fill: #6e7681 } .project { fill: #3fb950 }
}
"""


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table, with ratios against the article's streaming snippet."""
    width = max(len(label_of(figure)) for figure in figures)
    lines = [" " * width + "".join(f"{column:>12}" for column in COLUMNS)]
    streaming, limit = total_of(figures, "streaming"), total_of(figures, "limit")
    for figure in figures:
        cells = [
            f"{figure.first_byte * 1000:,.0f} ms",
            f"{figure.total:.2f} s",
            f"{figure.bytes / MB / figure.total:.1f}",
            f"{figure.rows / figure.total:,.0f}",
            f"{figure.memory / MB:.0f}" if figure.memory else "",
            f"{streaming / figure.total:.1f}" if streaming else "",
            f"{limit / figure.total:.2f}" if limit else "",
        ]
        lines.append(f"{label_of(figure):<{width}}" + "".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)


def growth_table(figures: Iterable[Figure]) -> str:
    """Return how total, first byte and memory grow with the rows."""
    lines = [f"{'rows':>12}{'first byte':>14}{'total':>12}{'peak MB':>12}{'of it new':>12}"]
    lines += [
        f"{figure.rows:>12,}{figure.first_byte * 1000:>11.1f} ms{figure.total:>10.2f} s"
        f"{figure.memory / MB:>12.1f}{(figure.memory - figure.memory_before) / MB:>12.1f}"
        for figure in figures
    ]
    return "\n".join(lines)


def ratios(figures: Sequence[Figure], growth: Sequence[Figure]) -> dict[str, float]:
    """Return the ratios that the project holds itself to; larger is better but in the growth."""
    project = total_of(figures, "project")
    found = {
        "speed-up against the article's streaming snippet": (
            total_of(figures, "streaming"),
            project,
        ),
        "of the speed of the database's own client": (total_of(figures, "limit"), project),
        "a Python column, against a loop by hand": (
            total_of(figures, "python_by_hand"),
            total_of(figures, "project_python"),
        ),
    }
    for figure in others(figures):
        found[f"{figure.server}, against {figures[0].server}"] = (project, figure.total)
    if len(growth) > 1:
        few, many = growth[0], growth[-1]
        found[f"first byte, {many.rows:,} rows against {few.rows:,}"] = (
            many.first_byte,
            few.first_byte,
        )
    return {name: a / b for name, (a, b) in found.items() if a and b}


def remarks(
    figures: Sequence[Figure], growth: Sequence[Figure], missing: Sequence[str]
) -> Iterator[str]:
    """Yield the ratios, what was not measured, and what is not as it should be."""
    for name, ratio in ratios(figures, growth).items():
        yield f"{ratio:8.2f}  {name}"
    for hint in missing:
        yield f"Not measured: {hint}"
    for figure in (*figures, *growth):
        if figure.file_rows not in (None, figure.rows) or figure.file_whole is False:
            yield f"WRONG: {figure.label} sent {figure.file_rows} rows of {figure.rows}, or cut"


def total_of(figures: Iterable[Figure], name: str) -> float:
    """Return the seconds of a contender on the first server, 0 where it was not measured."""
    return next((figure.total for figure in figures if figure.name == name), 0)


def others(figures: Sequence[Figure]) -> list[Figure]:
    """Return the figures from other servers than the first one."""
    return [figure for figure in figures if figure.server not in ("", figures[0].server)]


def label_of(figure: Figure) -> str:
    """Return what a figure is called in the table."""
    return f"{figure.label} ({figure.server})" if figure.server else figure.label


def as_json(
    figures: Sequence[Figure], growth: Sequence[Figure], missing: Sequence[str], database: str
) -> dict[str, Any]:
    """Return all that was measured, and where."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": database,
        "python": platform.python_version(),
        "django": django.get_version(),
        "machine": platform.platform(),
        "figures": [asdict(figure) for figure in figures],
        "growth": [asdict(figure) for figure in growth],
        "ratios": ratios(figures, growth),
        "missing": list(missing),
    }


def chart(figures: Sequence[Figure], database: str) -> str:
    """Return a bar for each contender's seconds, as SVG that suits light and dark pages."""
    longest = max(figure.total for figure in figures)
    height = 44 + 26 * len(figures)
    rows = f"{figures[0].rows:,} rows, {database}: seconds, shorter is better"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}"'
        f' role="img" aria-label="{escape(rows)}"><style>{STYLE}</style>',
        f'<text x="10" y="22" font-weight="bold">{escape(rows)}</text>',
    ]
    for number, figure in enumerate(figures):
        top = 36 + 26 * number
        length = max(2, 400 * figure.total / longest)
        kind = "project" if figure.name.startswith("project") else "bar"
        parts += [
            f'<text x="290" y="{top + 15}" text-anchor="end">{escape(label_of(figure))}</text>',
            f'<rect class="{kind}" x="300" y="{top}" width="{length:.0f}" height="20" rx="2"/>',
            f'<text x="{306 + length:.0f}" y="{top + 15}">{figure.total:.2f}</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])
