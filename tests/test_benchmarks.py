"""The benchmark runs, and measures every contender."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTENDERS = {
    "response",
    "streaming",
    "iterator",
    "project",
    "python_by_hand",
    "project_python",
}


def test_every_contender_has_a_figure_and_the_project_sends_every_row(tmp_path):
    """A small run on SQLite, through the server that Django has, writes a JSON and a chart."""
    command = "-m benchmarks --database sqlite --rows 2000 --server runserver"
    command += " --json figures.json --chart chart.svg"
    done = subprocess.run(
        [sys.executable, *command.split()],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "BENCHMARK_SQLITE": str(tmp_path / "benchmark.sqlite3"),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "figures.json").read_text())
    figures = {figure["name"]: figure for figure in report["figures"]}
    assert set(figures) - {"limit"} == CONTENDERS
    assert "limit" in figures or any("sqlite3" in hint for hint in report["missing"])
    assert all(figure["total"] > 0 and figure["bytes"] > 0 for figure in figures.values())
    assert figures["project"]["file_rows"] == 2000
    assert figures["project"]["file_whole"] is True
    assert "WRONG" not in done.stdout
    assert (tmp_path / "chart.svg").read_text().startswith("<svg")
