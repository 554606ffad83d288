"""Draw what was measured as a chart."""

from collections.abc import Sequence
from html import escape

from benchmarks.figures import MB, Figure
from benchmarks.report import label_of

WIDTH = 760
LABELS = 330  # where the labels end and the bars begin
LONGEST = 300
ROW = 26

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.bar { fill: #8c959f } .project { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .bar { fill: #6e7681 } .project { fill: #3fb950 }
}
"""


def chart(figures: Sequence[Figure], database: str) -> str:
    """Return a bar for each variant as SVG that suits light and dark pages.

    A bar shows the seconds for as many rows as the largest file has. A variant that was measured
    on fewer rows is scaled up, and its label says on how many rows it was measured.
    """
    rows = max(figure.rows for figure in figures)
    seconds = [rows / figure.rate for figure in figures]
    height = 44 + ROW * len(figures)
    server = figures[0].server
    title = f"{database}, {rows:,} rows, {server}: seconds and peak memory of the worker"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        f' role="img" aria-label="{escape(title)}"><style>{STYLE}</style>',
        f'<text x="10" y="22" font-weight="bold">{escape(title)}</text>',
    ]
    for number, (figure, taken) in enumerate(zip(figures, seconds, strict=True)):
        top = 36 + ROW * number
        length = max(2, LONGEST * taken / max(seconds))
        kind = "project" if figure.name.startswith("project") else "bar"
        label = figure.label if figure.server == server else label_of(figure)
        label += f", {figure.rows:,} rows" if figure.rows < rows else ""
        memory = f", {figure.memory / MB:.0f} MB" if figure.memory else ""
        bar = f'x="{LABELS}" y="{top}" width="{length:.0f}" height="20" rx="2"'
        parts += [
            f'<text x="{LABELS - 10}" y="{top + 15}" text-anchor="end">{escape(label)}</text>',
            f'<rect class="{kind}" {bar}/>',
            f'<text x="{LABELS + length + 6:.0f}" y="{top + 15}">{taken:.2f} s{memory}</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])
