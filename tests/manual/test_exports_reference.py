"""The reference of exports says what the code has."""

import argparse
import re

from streamreports.exports.management.commands.exports import Command
from tests.manual.pages import DOCS

TEXT = (DOCS / "reference/exports.md").read_text(encoding="utf-8")


def test_the_subcommands():
    parser = Command().create_parser("manage.py", "exports")
    [group] = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    text = TEXT + (DOCS / "how-to/queues.md").read_text(encoding="utf-8")
    assert set(re.findall(r"exports (run|submit|list|prune|\w+)`", text)) == set(group.choices)
