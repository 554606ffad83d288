"""The tables of the reference say what the code has, and nothing else."""

import importlib
import inspect
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from django.db.models import Model
from django.urls import get_resolver

from streamreports import exceptions
from streamreports.backends.base.backend import Backend
from streamreports.backends.base.features import Features
from streamreports.backends.base.operations import Operations, SqlValue
from streamreports.backends.base.session import ReadSession
from streamreports.conf import Settings, get_settings
from streamreports.exports.models import Export
from streamreports.formats.base import Format
from streamreports.logs.models import ReportLog
from streamreports.responses import ReportResponse
from tests.manual.pages import blocks
from tests.manual.reference import (
    LONG,
    REFERENCE,
    arguments_of,
    attributes_of,
    code,
    default_of,
    default_text,
    is_ours,
    package_source,
    page_tables,
    sections,
    type_text,
)

ROOT = Path(__file__).parents[2]
SECTIONS = sections()


def of_kind(kind):
    return [pytest.param(each, id=each.path) for each in SECTIONS if each.kind == kind]


CLASSES = of_kind("Class")
DOCUMENTED = [each.object for each in SECTIONS if each.kind == "Class"]


def names(table):
    return {code(first) for first in table}


# Classes and functions


@pytest.mark.parametrize("section", CLASSES)
def test_a_class_has_a_row_for_each_attribute_and_no_other(section):
    declared = set(attributes_of(section.object, DOCUMENTED))
    listed = names(section.tables.get("Attribute", {}))
    assert listed | (names(section.tables.get("Argument", {})) & declared) == declared


@pytest.mark.parametrize("section", CLASSES)
def test_the_types_and_defaults_of_attributes_are_those_of_the_class(section):
    types = attributes_of(section.object, DOCUMENTED)
    wrong = {}
    for first, row in section.tables.get("Attribute", {}).items():
        name = code(first)
        expected = types[name], default_of(section.object, name)
        if (code(row["Type"]) if expected[0] else None, code(row["Default"])) != expected:
            wrong[name] = expected
    assert wrong == {}


@pytest.mark.parametrize(
    "section", [each for each in SECTIONS if "Argument" in each.tables and each.kind != "Signal"],
    ids=lambda each: each.path,
)  # fmt: skip
def test_the_arguments_of_functions_and_classes(section):
    listed = [
        (code(first), code(row["Type"]), code(row["Default"]))
        for first, row in section.tables["Argument"].items()
    ]
    assert listed == list(arguments_of(section.object))


@pytest.mark.parametrize("section", of_kind("Function"))
def test_a_function_with_arguments_has_a_table_of_them(section):
    assert list(arguments_of(section.object))
    assert "Argument" in section.tables


@pytest.mark.parametrize("section", of_kind("Model"))
def test_the_fields_of_models(section):
    listed = {code(first): code(row["Type"]) for first, row in section.tables["Field"].items()}
    assert issubclass(section.object, Model)
    assert listed == {each.name: type(each).__name__ for each in section.object._meta.fields}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.path)
def test_each_row_of_an_object_has_a_meaning(section):
    empty = [
        first
        for table in section.tables.values()
        for first, row in table.items()
        if not [*row.values()][-1]
    ]
    assert empty == []


@pytest.mark.parametrize(
    "cls", [ReportResponse, ReportLog, Backend, Features, Operations, ReadSession, SqlValue]
)
def test_a_class_that_projects_extend_or_read_is_documented(cls):
    assert f"{cls.__module__}.{cls.__qualname__}" in {each.path for each in SECTIONS}


def test_all_public_names_of_a_module_are_documented():
    modules = {each.path.rpartition(".")[0] for each in SECTIONS}
    paths = {each.path for each in SECTIONS}
    public = {
        f"{name}.{each}"
        for name in modules
        for each in getattr(importlib.import_module(name), "__all__", ())
    }
    assert public - paths == set()


def test_all_formats_are_documented():
    def below(base):
        for each in base.__subclasses__():
            yield from [each] if is_ours(each) and "name" in vars(each) else []
            yield from below(each)

    own = {each for each in below(Format) if not each.__name__.startswith("Gzip")}
    assert own - set(DOCUMENTED) == set()
    listed = {
        (code(first), code(row["`?format=`"]), code(row["Media type"]))
        for first, row in page_tables("formats.md")["Format"].items()
    }
    assert listed == {(each.__name__, each.name, each.content_type) for each in own}


def test_all_exceptions_are_documented():
    listed = {
        code(first).partition("(")[0]: code(row["Base"])
        for first, row in page_tables("exceptions.md")["Exception"].items()
    }
    assert listed == {
        name: value.__bases__[0].__name__
        for name, value in vars(exceptions).items()
        if inspect.isclass(value) and value.__module__ == exceptions.__name__
    }


# Settings, checks, signals, extras, URLs and states


def test_all_settings_are_documented_with_type_and_default():
    listed = {
        code(first): (code(row["Type"]), code(row["Default"]))
        for first, row in page_tables("settings.md")["Key"].items()
    }
    assert listed == {
        each.name.upper(): (type_text(each.type), default_text(each.default))
        for each in fields(Settings)
    }


def test_all_ids_of_checks_are_documented():
    used = set()
    for text in package_source():
        used.update(re.findall(r"\"(?:streamreports\.)?([EW]\d{3})\"", text))
    listed = {
        code(first).removeprefix("streamreports.") for first in page_tables("checks.md")["Id"]
    }
    assert listed == used


def test_all_extras_are_documented():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = names(page_tables("extras.md")["Extra"])
    assert listed == set(project["project"]["optional-dependencies"])


def test_the_urls_of_exports():
    [(_prefix, resolver)] = [
        value for key, value in get_resolver().namespace_dict.items() if key == "exports"
    ]
    listed = names(page_tables("exports.md")["Name"])
    assert listed == {f"exports:{each.name}" for each in resolver.url_patterns}


def test_the_states_of_exports():
    assert names(page_tables("exports.md")["State"]) == set(Export.State.values)


def test_all_templates_are_documented():
    text = "".join(page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md"))
    folders = (ROOT / "streamreports").rglob("templates")
    templates = {
        str(path.relative_to(folder))
        for folder in folders
        for path in folder.rglob("*.*")
        if not path.name.startswith("_")
    }
    assert {name for name in templates if f"`{name}`" not in text} == set()


def test_a_default_in_words_is_a_long_one():
    """Otherwise, a wrong default could hide as a description."""
    for section in SECTIONS:
        for first, row in section.tables.get("Attribute", {}).items():
            value = inspect.getattr_static(section.object, code(first), None)
            if code(row["Default"]) is None and row["Default"] != "–":
                assert len(str(value)) > LONG


# Examples


def test_the_example_of_a_subclass_of_column_formats_money():
    [example] = blocks("reference/columns.md")
    namespace = {}
    exec(compile(example, "columns.md", "exec"), namespace)
    assert namespace["MoneyColumn"]("price").format_value(1234.5) == "1,234.50"


def test_the_example_of_settings_is_valid(settings):
    [example] = blocks("reference/settings.md")
    namespace = {}
    exec(compile(example, "settings.md", "exec"), namespace)
    settings.STREAMREPORTS = namespace["STREAMREPORTS"]
    assert get_settings() != Settings()
