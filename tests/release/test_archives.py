"""What ``python -m build`` makes, and what is in it."""

import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.release.conftest import ROOT


def test_twine_finds_nothing_wrong(archives):
    result = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *map(str, archives)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("PASSED") == 2


@pytest.fixture(scope="module")
def source_files(archives):
    """Return the names of the files in the source distribution, below its folder."""
    with tarfile.open(archives.sdist) as archive:
        return {member.name.partition("/")[2] for member in archive if member.isfile()}


@pytest.fixture(scope="module")
def wheel_files(archives):
    with zipfile.ZipFile(archives.wheel) as archive:
        return set(archive.namelist())


def listed(*options):
    """Return the files that git lists."""
    result = subprocess.run(
        ["git", "ls-files", "-z", *options], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(result.stdout.rstrip("\0").split("\0"))


def test_the_source_distribution_has_every_file_of_the_repository(source_files):
    assert listed() - source_files == set()


def test_the_source_distribution_has_nothing_that_git_ignores(source_files):
    known = listed("--cached", "--others", "--exclude-standard")
    assert source_files - known == {"PKG-INFO"}


@pytest.mark.parametrize(
    "name",
    [
        "streamreports/py.typed",
        "streamreports/templates/streamreports/report.html",
        "streamreports/static/streamreports/reports.css",
        "streamreports/exports/templates/streamreports/exports/list.html",
        "streamreports/exports/static/streamreports/exports.js",
        "streamreports/exports/migrations/0001_initial.py",
        "streamreports/logs/migrations/0001_initial.py",
        "streamreports/locale/en/LC_MESSAGES/django.po",
        "streamreports/locale/de/LC_MESSAGES/django.mo",
    ],
)
def test_the_wheel_that_is_built_from_it_has_more_than_modules(name, wheel_files):
    assert name in wheel_files


def test_the_wheel_has_a_compiled_catalog_for_each_translation(wheel_files):
    """The messages are in English: its catalog translates nothing."""
    catalogs = {name.removesuffix(".po") for name in wheel_files if name.endswith(".po")}
    compiled = {name.removesuffix(".mo") for name in wheel_files if name.endswith(".mo")}
    assert catalogs - {"streamreports/locale/en/LC_MESSAGES/django"} == compiled
