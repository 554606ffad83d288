"""The command that fills and runs the demo."""

import csv
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def manage(path, *arguments):
    """Run a command of the demo on a database file."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "demo_project.settings",
        "DATABASE": "sqlite",
        "SQLITE_NAME": str(path),
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Run the demo three times on one new file; return the file and what was printed."""
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    rows = ("200", "200", "300")
    return path, [manage(path, "demo", "--no-serve", "--rows", number) for number in rows]


def count(path, table):
    with sqlite3.connect(path) as database:
        (number,) = database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
    database.close()
    return number


def test_every_run_of_the_demo_succeeds(runs):
    _, results = runs
    assert [result.returncode for result in results] == [0, 0, 0]


def test_the_demo_names_its_users(runs):
    _, (first, *_) = runs
    assert "  admin, password admin: sees the admin\n" in first.stdout
    assert "  reader, password reader: downloads the private report\n" in first.stdout


def test_the_demo_shows_its_progress(runs):
    _, (first, *_) = runs
    assert first.stderr.startswith("200 of 200 cargoes, ")


def test_a_second_run_adds_nothing(runs):
    _, (_, second, _) = runs
    assert second.stdout.startswith("200 cargoes exist already; none were added.\n")


def test_a_run_with_more_rows_adds_those_that_are_missing(runs):
    path, (*_, third) = runs
    assert third.stdout.startswith("200 cargoes exist; adding 100.\n")
    assert count(path, "cargo_cargo") == 300


def test_users_are_created_once(runs):
    path, _ = runs
    assert count(path, "auth_user") == 2


def test_the_permission_to_export_cargoes_is_created(runs):
    path, _ = runs
    assert count(path, "auth_permission WHERE codename = 'export_cargo'") == 1


def test_a_report_is_written_by_a_command(runs):
    path, _ = runs
    result = manage(path, "dumpreport", "cargo:simple")
    assert result.returncode == 0
    assert result.stdout.startswith("ID,Commodity,Weight\n")
    assert len(list(csv.reader(result.stdout.splitlines(keepends=True)))) == 301
