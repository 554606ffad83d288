"""Run the benchmark: ``python -m benchmarks --help``."""

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import Error

from benchmarks import servers

if TYPE_CHECKING:
    from benchmarks.runs import Figure

GROWTH = [1_000, 10_000, 100_000, 1_000_000, 5_000_000]


def parse() -> Namespace:
    """Return the arguments."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--database", choices=["sqlite", "postgresql", "mysql"], default="sqlite")
    add("--rows", type=int, default=1_000_000)
    add(
        "--server",
        choices=servers.COMMANDS,
        nargs="+",
        default=["gunicorn"],
        help="the first one serves every contender, the others this project alone",
    )
    add("--only", nargs="+", metavar="NAME", help="measure these contenders alone")
    add("--repeat", type=int, default=1, help="take the best of so many runs")
    add("--growth", action="store_true", help="measure this project on more and more rows, instead")
    add("--growth-rows", type=int, default=GROWTH[-1], help="the most rows of the growth")
    add("--json", type=Path, metavar="PATH", help="write all figures there")
    add("--chart", type=Path, metavar="PATH", help="draw an SVG there")
    return parser.parse_args()


def say(text: str) -> None:
    """Write a line, and let it be seen at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Measure what can be measured, and name what cannot."""
    options = parse()
    os.environ["BENCHMARK_DATABASE"] = options.database
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    root = str(Path(__file__).resolve().parent.parent)
    os.environ["PYTHONPATH"] = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    try:
        django.setup()
        from benchmarks import data

        data.fill(growth_of(options)[-1] if options.growth else options.rows)
    except (Error, ImproperlyConfigured) as error:
        say(f"{options.database} does not answer: {error}")
        say("Start it, or install its driver: pip install 'django-streamreports[postgres,mysql]'.")
        return 1
    return measure(options)


def growth_of(options: Namespace) -> list[int]:
    """Return the sizes of the growth series."""
    return [rows for rows in GROWTH if rows <= options.growth_rows]


def measure(options: Namespace) -> int:
    """Measure, and write the report."""
    from benchmarks import limits, report, runs

    missing = [hint for name in options.server if (hint := servers.missing(name))]
    usable = [name for name in options.server if not servers.missing(name)]
    if not options.growth and (hint := limits.missing()):
        missing.append(hint)
    rows = growth_of(options)[-1] if options.growth else options.rows
    say(f"{options.database}, {rows:,} rows, load {servers.load():.1f}")
    figures: list[Figure] = []
    growth: list[Figure] = []
    if usable and options.growth:
        growth = list(runs.growth(usable[0], growth_of(options), options.repeat))
        say(report.growth_table(growth))
    elif usable:
        figures = list(runs.race(usable, options.rows, options.repeat, options.only))
        say(report.table(figures))
    for line in report.remarks(figures, growth, missing):
        say(line)
    if options.json:
        found = report.as_json(figures, growth, missing, options.database)
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    if options.chart and figures:
        options.chart.write_text(report.chart(figures, options.database))
    return 0 if usable else 1


if __name__ == "__main__":
    sys.exit(main())
