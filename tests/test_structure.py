import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def structure():
    """Return the functions of the script that draws the picture."""
    return runpy.run_path(str(ROOT / "docs/structure.py"))


@pytest.fixture(scope="module")
def imports(structure):
    return structure["read_imports"]()


def test_imports_point_down(structure, imports):
    assert structure["problems"](imports) == []


def test_the_picture_is_that_of_the_imports(structure, imports):
    assert (ROOT / "docs/structure.svg").read_text() == structure["draw"](imports)


def test_an_import_that_points_up_is_found(structure, imports):
    turned = imports | {"values": imports["values"] | {"views"}}
    assert structure["problems"](turned) == ["values imports views, which is not below it."]


def test_a_package_without_a_place_is_found(structure, imports):
    assert structure["problems"](imports | {"mails": set()}) == [
        "mails has no place in docs/structure.py."
    ]


def test_imports_in_functions_count(imports):
    assert "admin" in imports["apps"]
