"""Read the catalogs of the package."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[2] / "streamreports" / "locale"
# The messages are in English: its catalog translates nothing.
LOCALES = sorted({path.parent.parent.name for path in FOLDER.glob("*/*/django.po")} - {"en"})

FIELD = re.compile(r'^(msg\S+)((?:\s*"(?:[^"\\]|\\.)*"$)+)', re.MULTILINE)


class Message(NamedTuple):
    """A message with its translations: one, or one for each plural form."""

    singular: str
    plural: str | None
    translations: list[str]


def path_of(locale, suffix=".po"):
    return (FOLDER / locale / "LC_MESSAGES" / "django").with_suffix(suffix)


def read(locale):
    """Return the header of a catalog, and its messages."""
    header, *messages = map(message_of, path_of(locale).read_text().split("\n\n"))
    return header.translations[0], messages


def message_of(entry):
    fields = {
        name: "".join(map(ast.literal_eval, lines.split("\n")))
        for name, lines in ((name, lines.strip()) for name, lines in FIELD.findall(entry))
    }
    translations = [text for name, text in fields.items() if name.startswith("msgstr")]
    return Message(fields["msgid"], fields.get("msgid_plural"), translations)
