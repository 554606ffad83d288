"""Compare streamreports with other ways to make the same file, through a real server."""

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db.utils import Error

from benchmarks import report, servers
from benchmarks.chart import chart
from benchmarks.figures import Figure
from benchmarks.goals import goals

GROWTH = [1_000, 10_000, 100_000, 1_000_000, 5_000_000]
PEER_ROWS = 100_000  # some peers need more than 1 kB of memory a row
FIRST_BYTE_ROWS = 5  # times the rows: a million rows are compared with five million


def parse() -> Namespace:
    """Return the arguments."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--database", choices=["sqlite", "postgresql", "mysql"], default="sqlite")
    add("--rows", type=int, default=1_000_000)
    add("--peer-rows", type=int, default=PEER_ROWS, help="rows for the views that people use today")
    add(
        "--server",
        choices=servers.COMMANDS,
        nargs="+",
        default=["gunicorn"],
        help="the first serves every variant, the others only this project",
    )
    add("--only", nargs="+", metavar="NAME", help="measure only these variants")
    add("--repeat", type=int, default=3, help="rounds; each figure is the median of its runs")
    add("--peers", action="store_true", help="measure only this project and other packages")
    add("--formats", action="store_true", help="measure only the formats other than CSV")
    add("--exports", action="store_true", help="measure only exports in the background")
    add("--growth", action="store_true", help="measure only this project, on more and more rows")
    add("--growth-rows", type=int, default=GROWTH[-1], help="the most rows of the growth")
    add("--json", type=Path, metavar="PATH", help="write all figures to this file")
    add("--chart", type=Path, metavar="PATH", help="write an SVG chart to this file")
    return parser.parse_args()


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Fill the table, measure, and return the exit status."""
    options = parse()
    os.environ["BENCHMARK_DATABASE"] = options.database
    module = "export_settings" if options.exports else "settings"
    os.environ["DJANGO_SETTINGS_MODULE"] = f"benchmarks.{module}"
    root = str(Path(__file__).resolve().parent.parent)
    os.environ["PYTHONPATH"] = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    if hints := [hint for name in options.server if (hint := servers.missing(name))]:
        say("\n".join(hints))
        return 1
    try:
        django.setup()
        from benchmarks import data

        data.fill(max(sizes_of(options)))
        if options.exports:
            call_command("migrate", verbosity=0)
        if options.peers:
            from benchmarks import queries

            queries.prepare()
    except (Error, ImproperlyConfigured) as error:
        say(f"{options.database} is not available: {error}")
        say("Start it, or install its driver: pip install 'django-streamreports[postgres,mysql]'.")
        return 1
    return measure(options)


def sizes_of(options: Namespace) -> list[int]:
    """Return the numbers of rows to measure."""
    if options.growth:
        return [rows for rows in GROWTH if rows <= options.growth_rows]
    if options.peers:
        return [min(options.rows, options.peer_rows)]
    if options.formats:
        return [options.rows]
    return [options.rows, options.rows * FIRST_BYTE_ROWS]


def measure(options: Namespace) -> int:
    """Measure, print the tables, write the files, and return the exit status."""
    from benchmarks import baseline, runs, variants

    peers = variants.PEERS if options.peers else variants.CHARTED_PEERS
    peers = variants.FORMAT_PEERS if options.formats else peers
    missing = [hint for hint in (baseline.missing(), variants.missing(peers)) if hint]
    sizes, database, server = sizes_of(options), options.database, options.server[0]
    say(f"{database}, {sizes[-1]:,} rows, load {servers.load():.1f}")
    figures = figures_of(options)
    is_default = not (options.growth or options.exports or options.peers or options.formats)
    first_bytes = runs.first_bytes(server, sizes[-1]) if is_default else []
    if options.growth:
        say(report.growth_table(figures))
    elif options.peers:
        say(report.peers_table(figures))
    else:
        say(report.figures_table(figures))
    found = [] if options.peers else list(goals(figures, first_bytes, database))
    if found:
        say("\n" + report.goals_table(found, database))
    for hint in missing:
        say(f"Not measured: {hint}")
    for figure in figures:
        if figure.problem:
            say(f"WRONG: {figure.label} sent {figure.problem}")
    if options.json:
        content = report.as_json(database, figures, found, first_bytes, missing)
        options.json.write_text(json.dumps(content, indent=1) + "\n")
    if options.chart:
        options.chart.write_text(chart(figures, database))
    return 1 if any(figure.problem for figure in figures) else 0


def figures_of(options: Namespace) -> list[Figure]:
    """Return the figures of what the options ask for."""
    from benchmarks import queries, runs

    sizes, server, rounds, only = sizes_of(options), options.server[0], options.repeat, options.only
    peer_rows = min(options.rows, options.peer_rows)
    if options.growth:
        return runs.grow(server, sizes, rounds)
    if options.exports:
        from benchmarks import exporting

        return exporting.compare(server, options.rows, sizes[-1], rounds)
    if options.peers:
        return [*map(queries.counted, runs.compare_peers(server, peer_rows, rounds, only))]
    if options.formats:
        return runs.compare_formats(server, options.rows, peer_rows, rounds)
    return runs.compare(options.server, options.rows, peer_rows, rounds, only)


if __name__ == "__main__":
    sys.exit(main())
