"""The reference of exports says what the code has."""

import argparse
import re

from django.contrib.auth import get_permission_codename

from streamreports.exports.management.commands.exports import Command
from streamreports.exports.models import Export
from tests.manual.pages import DOCS

TEXT = (DOCS / "reference/exports.md").read_text(encoding="utf-8")


def rows(heading):
    """Return the cells of the table below a heading."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_permissions_of_operators():
    own = [codename for codename, _ in Export._meta.permissions]
    default = [get_permission_codename(each, Export._meta) for each in ("view", "change", "delete")]
    assert sorted(codename for codename, _ in rows("The admin")) == sorted([*own, *default])


def test_the_subcommands():
    parser = Command().create_parser("manage.py", "exports")
    [group] = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    text = TEXT + (DOCS / "how-to/queues.md").read_text(encoding="utf-8")
    assert set(re.findall(r"exports (run|submit|list|prune|\w+)`", text)) == set(group.choices)
