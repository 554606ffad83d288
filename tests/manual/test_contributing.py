"""The guide for contributors names what exists: folders, extras, packages and commands."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def rows_of(head):
    """Return the cells of the table whose first row begins with a text."""
    (table,) = re.findall(
        rf"^\| {re.escape(head)} .*\n\|[-|]+\|\n((?:\|.*\n)+)", GUIDE, re.MULTILINE
    )
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_the_folders_that_need_more_are_those_that_pytest_leaves_out():
    folders = {f"tests/{name}" for name in PYPROJECT["tool"]["pytest"]["norecursedirs"]}
    named = {name.strip("`") for name, *_ in rows_of("Folder")}
    assert named == {name for name in folders if (ROOT / name).is_dir()}


def test_the_extras_exist():
    needs = " ".join(needs for *_, needs in rows_of("Folder"))
    extras = re.findall(r"extras? ((?:`\w+`,? ?)+)", needs)
    named = {name for found in extras for name in re.findall(r"`(\w+)`", found)}
    installed = re.findall(r"install -e \"\.\[([\w,]+)\]\"", GUIDE)
    named |= {name for found in installed for name in found.split(",")}
    assert named >= {"test", "lint", "postgres", "servers", "release"}
    assert named - set(PYPROJECT["project"]["optional-dependencies"]) == set()


def test_the_table_has_each_package_and_module():
    named = {
        name for cell, _ in rows_of("Package or module") for name in re.findall(r"`(\w+)`", cell)
    }
    entries = (ROOT / "streamreports").iterdir()
    found = {
        path.stem for path in entries if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    ground = {"background", "deflate", "exceptions", "padding", "requests", "signals"}
    assert found - named == ground | {"__init__"}
    assert named - found == set()


@pytest.mark.parametrize(
    "command", re.findall(r"^\.venv/bin/python -m (pytest .+)$", GUIDE, re.MULTILINE)
)
def test_the_commands_that_run_a_test_find_some(command):
    result = subprocess.run(
        [sys.executable, "-m", *command.split(), "--collect-only", "-q"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
