"""The pages claim only the versions and databases with which CI runs the tests."""

import re

import pytest

from tests.manual.test_links import PAGES, ROOT, name_of

GATE = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
LINES = re.findall(r"\bpython(3\.\d+) (\d+\.\d+)(?: (?:sqlite|postgresql|mysql))+", GATE)
PYTHONS, DJANGOS = ([line[i] for line in LINES] for i in (0, 1))
EXPECTED = "Python 3.14 and MySQL are expected to work, but are not tested."


def words(page):
    return " ".join(page.read_text(encoding="utf-8").split())


def test_the_lines_of_ci_are_found():
    assert len(LINES) == 3


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_version_of_python_is_tested_or_said_to_be_expected_to_work(page):
    text = words(page).replace(EXPECTED, "")
    assert set(re.findall(r"\bPython (3\.\d+)", text)) - set(PYTHONS) == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_version_that_is_required_is_the_oldest(page):
    text = words(page)
    assert set(re.findall(r"\bPython (\d+\.\d+) or later", text)) <= {PYTHONS[0]}
    assert set(re.findall(r"\bDjango (\d+\.\d+) or later", text)) <= {DJANGOS[0]}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_version_of_django_is_tested(page):
    assert set(re.findall(r"\bDjango (\d+\.\d+)", words(page))) - set(DJANGOS) == set()


@pytest.mark.parametrize("name", ["README.md", "docs/index.md"])
def test_what_is_only_expected_to_work_is_named(name):
    assert EXPECTED in words(ROOT / name)
    assert "3.14" not in PYTHONS


def test_the_reference_says_that_mysql_is_not_tested():
    text = words(ROOT / "docs/reference/backends.md")
    assert "MySQL has the backend of MariaDB: it is expected to work, but is not tested." in text
    assert "mysql-server" not in GATE
    assert "apt_install postgresql mariadb-server" in GATE
