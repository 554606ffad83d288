import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.chart import chart
from benchmarks.figures import Figure, FirstByte, interleaved
from benchmarks.goals import goals
from benchmarks.report import goals_table, peers_table

ROOT = Path(__file__).resolve().parent.parent
PEERS = {"import_export": ["import_export"], "queryset_csv": ["djqscsv", "six"]}
VARIANTS = {
    "response",
    "streaming",
    "iterator",
    "project",
    "project_unknown",
    "project_python",
    "python_by_hand",
}


# A run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run the benchmark on SQLite with Django's server; return its folder and its output."""
    folder = tmp_path_factory.mktemp("benchmark")
    options = "--rows 2000 --peer-rows 500 --json figures.json --chart chart.svg"
    return folder, measured(folder, options)


def measured(folder, options):
    """Return the output of the benchmark."""
    command = f"-m benchmarks --database sqlite --server runserver --repeat 1 {options}"
    done = subprocess.run(
        [sys.executable, *command.split()],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "BENCHMARK_SQLITE": str(folder / "benchmark.sqlite3"),
            "TMPDIR": str(folder),  # where exports are kept
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def report(run):
    folder, _ = run
    return json.loads((folder / "figures.json").read_text())


def has(*modules):
    return all(find_spec(module) is not None for module in modules)


def installed_peers():
    return {name for name, modules in PEERS.items() if has(*modules)}


def test_every_variant_is_measured(report):
    figures = {figure["name"]: figure for figure in report["figures"]}
    assert set(figures) - {"baseline"} == VARIANTS | installed_peers()
    assert all(figure["total"] > 0 and figure["bytes"] > 0 for figure in figures.values())


def test_what_is_not_measured_is_named_with_its_cure(run, report):
    _, printed = run
    names = {figure["name"] for figure in report["figures"]}
    assert ("Not measured: sqlite3" in printed) is ("baseline" not in names)
    assert ("Not measured: django-" in printed) is (installed_peers() != set(PEERS))


def test_every_file_is_complete(report):
    assert {figure["problem"] for figure in report["figures"]} == {""}


def test_the_variants_make_the_same_file_but_for_the_apostrophe_of_formulas(run, report):
    size = {figure["name"]: figure["bytes"] for figure in report["figures"]}
    formulas = query(run[0], "SELECT SUM(id <= 2000 AND commodity GLOB '[-=+@]*')")
    assert size["response"] == size["iterator"]
    assert size["project"] == size["streaming"] + formulas
    assert formulas == 20


def test_peers_are_measured_on_fewer_rows(report):
    rows = {figure["name"]: figure["rows"] for figure in report["figures"]}
    assert (rows["response"], rows["iterator"], rows["project"]) == (500, 500, 2000)


def test_the_goals_of_the_database_are_printed_with_what_was_measured(run, report):
    _, printed = run
    assert "the article's streaming snippet          8.00  10.00" in printed
    assert {goal["label"] for goal in report["goals"]} >= {
        "the article's streaming snippet",
        "one callable: a loop by hand in batches",
        "one unknown field: all columns known",
        "first byte: 10,000 rows against 1,000",
    }


def test_the_chart_is_written(run):
    folder, _ = run
    assert (folder / "chart.svg").read_text().startswith("<svg")


def test_exports_are_measured_apart(tmp_path):
    printed = measured(tmp_path, "--rows 2000 --exports --json figures.json")
    report = json.loads((tmp_path / "figures.json").read_text())
    assert [(figure["name"], figure["rows"]) for figure in report["figures"]] == [
        ("project", 2000),
        ("export", 2000),
        ("export_memory", 10_000),
        ("export_memory", 2000),
        ("fetch", 10_000),
        ("fetch", 2000),
        ("cancel_queued", 10_000),
    ]
    assert {figure["problem"] for figure in report["figures"]} == {""}
    assert "export: live download" in printed
    assert "export: MB of 10,000 rows above those of 2,000" in printed
    assert "cancelling, in the queue: seconds" in printed
    assert list((tmp_path / "streamreports_benchmark_files").iterdir()) == []


def test_formats_are_measured_apart(tmp_path):
    printed = measured(tmp_path, "--rows 2000 --peer-rows 500 --formats --json figures.json")
    report = json.loads((tmp_path / "figures.json").read_text())
    assert [(figure["name"], figure["rows"]) for figure in report["figures"]] == [
        ("project", 2000),
        ("project_gzip", 2000),
        ("project_json_lines", 2000),
        ("json_loop", 2000),
        ("project_xlsx", 2000),
        ("project_html", 2000),
        ("openpyxl", 500),
        ("project_parquet", 2000),
        ("pyarrow_loop", 2000),
        ("project", 2000),
        ("project_gzip", 2000),
        ("project_json_lines", 2000),
        ("project_xlsx", 2000),
        ("project_html", 2000),
        ("project_parquet", 2000),
    ]
    assert {figure["problem"] for figure in report["figures"]} == {""}
    assert "JSON Lines: json.dumps() over iterator()" in printed
    assert "XLSX: openpyxl's write-only mode" in printed
    assert "Parquet: pyarrow over iterator()" in printed
    assert "csv.gz: CSV" in printed


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    """Measure other ways to make the file on SQLite; return the figures and the output."""
    folder = tmp_path_factory.mktemp("peers")
    names = ["project", "iterator", *["import_export"] * has("import_export")]
    options = f"--peers --peer-rows 500 --json figures.json --only {' '.join(names)}"
    printed = measured(folder, options)
    figures = json.loads((folder / "figures.json").read_text())["figures"]
    return {figure["name"]: figure for figure in figures}, printed


def test_peers_are_measured_on_as_many_rows_as_the_project(peers):
    figures, _ = peers
    assert {figure["rows"] for figure in figures.values()} == {500}
    assert {figure["problem"] for figure in figures.values()} == {""}


def test_the_queries_of_a_column_of_a_related_object_are_counted(peers):
    figures, _ = peers
    expected = {"project": [1, 1], "iterator": [1001, 1], "import_export": [1001, 1]}
    assert {name: figure["queries"] for name, figure in figures.items()} == {
        name: expected[name] for name in figures
    }


def test_a_peer_that_is_not_installed_is_named_with_its_cure(peers):
    _, printed = peers
    is_missing = not has("rest_framework_csv")
    assert ("pip install" in printed and "djangorestframework-csv" in printed) is is_missing


def query(folder, select):
    with sqlite3.connect(folder / "benchmark.sqlite3") as database:
        (value,) = database.execute(f"{select} FROM benchmarks_cargo_addresses").fetchone()
    database.close()
    return value


def share(folder, condition):
    return query(folder, f"SELECT AVG({condition})")


def test_at_least_half_of_the_rows_contain_a_comma(run):
    texts = "commodity || origin || destination"
    assert 0.5 <= share(run[0], f"instr({texts}, ',') > 0") <= 0.8


def test_a_tenth_of_the_rows_contain_a_quote(run):
    assert 0.09 <= share(run[0], "instr(commodity, '\"') > 0") <= 0.11


@pytest.mark.parametrize("field", ["price", "picked_up_at"])
def test_one_value_in_twenty_is_null(run, field):
    assert 0.04 <= share(run[0], f"{field} IS NULL") <= 0.06


def test_some_rows_contain_other_letters_than_ascii(run):
    assert 0.1 <= share(run[0], "length(origin) < length(CAST(origin AS BLOB))") <= 0.6


# The figures


def figure(name="project", total=1.0, rows=1000, **values):
    return Figure(
        name=name,
        label=name,
        server="gunicorn",
        rows=rows,
        first_byte=values.pop("first_byte", 0.1),
        total=total,
        bytes=1000,
        **values,
    )


def jobs(log, **totals):
    """Return jobs that take the given seconds, one run after another."""

    def job(name, seconds):
        def measure():
            log.append(name)
            return figure(name, seconds.pop(0))

        return measure

    return [job(name, seconds) for name, seconds in totals.items()]


def test_the_runs_are_interleaved():
    log = []
    interleaved(jobs(log, a=[1, 1], b=[1, 1]), rounds=2)
    assert log == ["a", "b", "a", "b"]


def test_a_figure_is_the_median_of_its_runs():
    (found,) = interleaved(jobs([], a=[1.0, 9.0, 2.0]), rounds=3)
    assert (found.total, found.runs) == (2.0, 3)


def test_a_slow_variant_is_measured_once():
    slow, fast = interleaved(jobs([], slow=[15.1], fast=[1, 1, 1]), rounds=3)
    assert (slow.runs, fast.runs) == (1, 3)


def test_a_problem_of_any_run_is_kept():
    files = [figure(), figure(problem="truncated")]
    (found,) = interleaved([lambda: files.pop(0)], rounds=2)
    assert found.problem == "truncated"


# The goals


@pytest.mark.parametrize(
    ("streaming", "reached"), [(7.9, "missed"), (8.0, "must"), (9.9, "must"), (10.0, "aim")]
)
def test_a_goal_tells_which_bound_is_reached(streaming, reached):
    (goal,) = goals([figure("streaming", streaming), figure()], [], "sqlite")
    assert (goal.measured, goal.verdict) == (streaming, reached)


@pytest.mark.parametrize(("many", "reached"), [(2.1, "missed"), (2.0, "must"), (1.0, "aim")])
def test_the_first_byte_is_better_the_sooner_it_comes(many, reached):
    (goal,) = goals([], [FirstByte(1000, 1.0), FirstByte(5000, many)], "sqlite")
    assert goal.verdict == reached


def test_a_ratio_without_a_goal_is_only_measured():
    (goal,) = goals([figure("baseline", 0.5), figure()], [], "mysql")
    assert (goal.must, goal.aim, goal.measured, goal.verdict) == (None, None, 0.5, "")


def test_the_goals_compare_the_first_server():
    (goal,) = goals([figure("streaming", 9), figure(), figure(total=3)], [], "sqlite")
    assert goal.measured == 9


@pytest.mark.parametrize(
    ("database", "bounds"),
    [
        ("sqlite", [(8, 10), (0.5, 0.6), (1.0, 1.3)]),
        ("postgresql", [(14, 20), (0.7, 0.85), (1.0, 1.3), (0.35, 0.5)]),
        ("mysql", [(10, 14), (1.0, 1.3)]),
    ],
)
def test_each_database_has_its_goals(database, bounds):
    names = ["streaming", "baseline", "python_by_hand", "project_python", "project_unknown"]
    found = goals([figure(), *map(figure, names)], [], database)
    assert [(goal.must, goal.aim) for goal in found if goal.must] == bounds


@pytest.mark.parametrize(("added", "reached"), [(2, "aim"), (10, "must"), (11, "missed")])
def test_memory_of_a_format_is_compared_with_that_of_few_rows(added, reached):
    few = figure("project_json_lines", memory=50_000_000)
    many = replace(few, rows=9000, memory=few.memory + added * 1_000_000)
    (goal,) = goals([many, few], [], "sqlite")
    assert goal.label == "project_json_lines: MB of 9,000 rows above those of 1,000"
    assert (goal.measured, goal.verdict) == (added, reached)


def test_a_goal_is_printed_beside_what_was_measured():
    found = goals([figure("streaming", 9), figure()], [], "sqlite")
    assert goals_table(found, "sqlite").splitlines() == [
        "sqlite, against                  must    aim  measured  reached",
        "the article's streaming snippet  8.00  10.00      9.00     must",
    ]


# The peers


def test_peers_are_compared_with_the_first_figure_in_a_markdown_table():
    figures = [
        figure(total=0.5, memory=48_000_000, memory_before=46_000_000, queries=(1, 1)),
        figure(
            "peer",
            total=2.0,
            first_byte=1.9994,
            memory=1_090_000_000,
            memory_before=50_000_000,
            queries=(1001, 3),
        ),
    ]
    assert peers_table(figures).splitlines()[2:] == [
        "| project | 0.50 s | 1.0 | 100 ms | 48 MB | 2 MB | 1 | 1 |",
        "| peer | 2.00 s | 4.0 | 1,999 ms | 1090 MB | 1040 MB | 1,001 | 3 |",
    ]


# The chart


def test_the_chart_scales_what_was_measured_on_fewer_rows():
    svg = chart([figure("peer", total=2.0, rows=500), figure(total=1.0)], "sqlite")
    assert ">peer, 500 rows<" in svg
    assert ">4.00 s<" in svg


def test_the_chart_names_other_servers_than_the_first():
    svg = chart([figure(), replace(figure(), server="uvicorn")], "sqlite")
    assert ">project<" in svg
    assert ">project (uvicorn)<" in svg


def test_the_chart_shows_the_peak_memory():
    assert ">1.00 s, 48 MB<" in chart([figure(memory=48_000_000)], "sqlite")
