"""The reference of commands says what their parsers have."""

import argparse
import re

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class

from tests.manual.pages import DOCS
from tests.manual.reference import tables_in

TEXT = (DOCS / "reference/commands.md").read_text(encoding="utf-8")


def own_commands():
    return {
        name: load_command_class(app, name)
        for name, app in get_commands().items()
        if app.partition(".")[0] == "streamreports"
    }


def parsers_of(name):
    """Yield the parser of a command and those of its subcommands, each with its prefix."""
    parser = own_commands()[name].create_parser("manage.py", name)
    yield "", parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub, each in action.choices.items():
                yield f"{sub} ", each


def options_of(name):
    """Return the options of a command and its subcommands, without those of all commands."""
    common = {
        option
        for action in BaseCommand().create_parser("manage.py", name)._actions
        for option in action.option_strings
    }
    return {
        f"{prefix}{', '.join(action.option_strings) or action.dest}": action
        for prefix, parser in parsers_of(name)
        for action in parser._actions
        if not common.intersection(action.option_strings)
        and not isinstance(action, argparse._SubParsersAction)
    }


def listed(name, header="Option"):
    """Return the rows of a table of a command, by the first cell."""
    section = TEXT.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert section
    rows = tables_in(section).get(header, {})
    return {first.replace("`", ""): row for first, row in rows.items()}


def default_of(action):
    """Return the default of an option as the reference has it; None if it is said in words."""
    if action.required:
        return "required"
    if action.nargs == 0:
        return ""  # a flag
    return None if action.default in (None, []) else f"`{action.default}`"


NAMES = sorted(own_commands())


@pytest.mark.parametrize("name", NAMES)
def test_the_options_of_a_command(name):
    assert set(listed(name)) == set(options_of(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_subcommands_of_a_command(name):
    subcommands = {f"{name} {prefix.strip()}" for prefix, _ in parsers_of(name) if prefix}
    assert set(listed(name, "Subcommand")) == subcommands


@pytest.mark.parametrize("name", NAMES)
def test_the_defaults_of_options(name):
    shown = {option: row["Default"] for option, row in listed(name).items()}
    wrong = {}
    for option, action in options_of(name).items():
        expected = default_of(action)
        if expected is None and shown[option] in ("", "required"):
            wrong[option] = "words"
        elif expected not in (None, shown[option]):
            wrong[option] = expected
    assert wrong == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_default_in_the_help_is_in_the_reference(name):
    rows = listed(name)
    helped = {
        option: found[1]
        for option, action in options_of(name).items()
        if (found := re.search(r"\(default: ([^%)]+)\)", str(action.help)))
    }
    assert {option: rows[option]["Default"].strip("`") for option in helped} == helped


def test_all_commands_are_documented_and_no_other():
    assert set(re.findall(r"^## (\w+)$", TEXT, re.MULTILINE)) == set(own_commands())
