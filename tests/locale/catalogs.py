"""Read the catalogs of the package and of the demo."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

FIELD = re.compile(r'^(msg\S+)((?:\s*"(?:[^"\\]|\\.)*"$)+)', re.MULTILINE)


class Message(NamedTuple):
    """A message with its translations: one, or one for each plural form."""

    singular: str
    plural: str | None
    translations: list[str]


class Catalog:
    """The translations of a package into a language."""

    def __init__(self, package, locale):
        self.package = package
        self.locale = locale
        self.path = ROOT / package / "locale" / locale / "LC_MESSAGES" / "django.po"

    def __str__(self):
        return f"{self.package}-{self.locale}"

    def read(self):
        """Return the header of the catalog, and its messages."""
        header, *messages = map(message_of, self.path.read_text().split("\n\n"))
        return header.translations[0], messages


def message_of(entry):
    fields = {
        name: "".join(map(ast.literal_eval, lines.split("\n")))
        for name, lines in ((name, lines.strip()) for name, lines in FIELD.findall(entry))
    }
    translations = [text for name, text in fields.items() if name.startswith("msgstr")]
    return Message(fields["msgid"], fields.get("msgid_plural"), translations)


def locales_of(package):
    """Return the languages of a package but English, which the messages are in."""
    folders = (ROOT / package / "locale").glob("*/LC_MESSAGES")
    return sorted({folder.parent.name for folder in folders} - {"en"})


CATALOGS = [
    Catalog(package, locale)
    for package in ("streamreports", "demo_project")
    for locale in locales_of(package)
]
