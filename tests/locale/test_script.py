"""`.ci/messages`, run on a package and a demo with two messages each."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE = """
from django.utils.translation import gettext, ngettext

gettext("Download")
ngettext("%(number)s row", "%(number)s rows", 2)
"""
HEADER = """
msgid ""
msgstr ""
"Project-Id-Version: package\\n"
"POT-Creation-Date: 2020-01-01 00:00+0000\\n"
"PO-Revision-Date: 2020-01-01 00:00+0000\\n"
"Last-Translator: Ana\\n"
"Language-Team: German\\n"
"Language: de\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""
MESSAGES = """
msgid "Download"
msgstr "Herunterladen"

#, python-format
msgid "%(number)s row"
msgid_plural "%(number)s rows"
msgstr[0] "%(number)s Zeile"
msgstr[1] "%(number)s Zeilen"
"""

pytestmark = pytest.mark.skipif(shutil.which("msgfmt") is None, reason="needs GNU gettext")


class Package:
    """The package or the demo, with a German catalog."""

    def __init__(self, folder, name):
        self.folder = folder
        self.module = folder / name / "module.py"
        self.catalog = folder / name / "locale/de/LC_MESSAGES/django.po"
        self.compiled = self.catalog.with_suffix(".mo")
        self.catalog.parent.mkdir(parents=True)
        self.module.write_text(MODULE)
        self.catalog.write_text(f"{HEADER.lstrip()}{MESSAGES}")

    def run(self, *arguments):
        """Run the script, and return its status and output."""
        result = subprocess.run(
            [self.folder / ".ci/messages", *arguments],
            env={**os.environ, "PYTHON": sys.executable},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return result.returncode, result.stdout

    def replace(self, path, old, new):
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


@pytest.fixture
def packages(tmp_path):
    """Return the package and the demo by their names."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/messages", tmp_path / ".ci")
    packages = {name: Package(tmp_path, name) for name in ("streamreports", "demo_project")}
    assert packages["streamreports"].run() == (0, "")
    return packages


@pytest.fixture
def package(packages):
    return packages["streamreports"]


CATALOG = "locale/de/LC_MESSAGES/django.po"


@pytest.mark.parametrize("name", ["streamreports", "demo_project"])
def test_a_catalog_is_compiled(packages, name):
    assert b"Herunterladen" in packages[name].compiled.read_bytes()


def test_a_catalog_that_is_up_to_date_passes(package):
    assert package.run("--check") == (0, "")


def test_running_it_again_changes_nothing(package):
    before = package.catalog.read_bytes(), package.compiled.read_bytes()
    assert package.run() == (0, "")
    assert (package.catalog.read_bytes(), package.compiled.read_bytes()) == before


@pytest.mark.parametrize("name", ["streamreports", "demo_project"])
def test_a_new_message_fails_the_check_which_leaves_the_catalog(packages, name):
    package = packages[name]
    before = package.catalog.read_text()
    package.replace(package.module, "Download", "Upload")
    status, output = package.run("--check")
    assert status == 1
    assert output.endswith(f"\n{name}/{CATALOG} is not up to date. Run .ci/messages.\n")
    assert package.catalog.read_text() == before


def test_a_new_message_is_added_and_reported(package):
    package.module.write_text(MODULE + 'gettext("Log in")\n')
    status, output = package.run()
    assert status == 1
    assert output.startswith('msgid "Log in"\nmsgstr ""\n')
    assert f"{CATALOG} is not complete" in output
    assert package.catalog.read_text().endswith('\nmsgid "Log in"\nmsgstr ""\n')


def test_a_translation_that_is_uncertain_fails_the_check(package):
    package.replace(package.catalog, '\nmsgid "Download"', '\n#, fuzzy\nmsgid "Download"')
    status, output = package.run("--check")
    assert status == 1
    assert f"{CATALOG} is not complete" in output


def test_a_change_that_was_not_compiled_fails_the_check(package):
    package.replace(package.catalog, "Herunterladen", "Laden")
    status, output = package.run("--check")
    assert status == 1
    assert "django.mo was not made from its catalog. Run .ci/messages.\n" in output


def test_a_translation_without_its_placeholder_fails_the_check(package):
    package.replace(package.catalog, "%(number)s Zeilen", "%(zahl)s Zeilen")
    status, output = package.run("--check")
    assert status == 1
    assert f"{CATALOG} is wrong.\n" in output


def test_the_english_catalog_needs_no_translations(package):
    shutil.move(package.catalog.parents[1], package.catalog.parents[2] / "en")
    path = package.catalog.parents[2] / "en/LC_MESSAGES/django.po"
    package.replace(path, '"Herunterladen"', '""')
    path.with_suffix(".mo").unlink()
    assert package.run() == (0, "")
    assert not path.with_suffix(".mo").exists()


def test_a_new_language_begins_with_an_empty_catalog(package):
    (package.catalog.parents[2] / "fr/LC_MESSAGES").mkdir(parents=True)
    assert package.run()[0] == 1
    created = package.catalog.parents[2] / "fr/LC_MESSAGES/django.po"
    assert '\nmsgid "Download"\nmsgstr ""\n' in created.read_text()
