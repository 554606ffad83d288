"""The guide on languages: its catalog and the settings change the pages."""

import re
import shutil
import subprocess

import pytest

from tests.locale.catalogs import Catalog, locales_of
from tests.manual.pages import DOCS
from tests.manual.project import parts
from tests.models import Maker
from tests.pages.html import parse

PAGE = "how-to/languages.md"
NAMES = {"de": "German", "pt_BR": "Brazilian Portuguese", "ja": "Japanese"}

pytestmark = [
    pytest.mark.skipif(shutil.which("msgfmt") is None, reason="needs GNU gettext"),
    pytest.mark.urls("tests.pages.urls"),
    pytest.mark.django_db,
]


@pytest.fixture
def project(settings, tmp_path):
    """Use the settings of the guide and its catalog; return the folder of the project."""
    blocks = {text.splitlines()[0].lstrip("# "): text for _, _, text in parts(PAGE)}
    write(tmp_path, "de", blocks["translations/de/LC_MESSAGES/django.po"])
    names = {"BASE_DIR": tmp_path}
    exec(blocks["config/settings.py"], names)
    settings.LOCALE_PATHS = names["LOCALE_PATHS"]
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    return tmp_path


def write(folder, locale, text):
    """Write a catalog, and compile it as compilemessages does."""
    path = folder / "translations" / locale / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    command = ["msgfmt", "--check-format", "-o", path.with_suffix(".mo"), path]
    subprocess.run(command, check=True)


def button(client, language):
    Maker.objects.create(name="Ann", size=1)
    headers = {"accept": "text/html", "accept-language": language}
    page = parse(client.get("/plain/", headers=headers))
    return page.one("a", class_="report-button").text


def test_the_catalog_of_the_project_takes_precedence(client, project):
    assert button(client, "de") == "Als CSV laden"


def test_messages_that_it_does_not_have_stay(client, project):
    page = parse(client.get("/makers/", headers={"accept": "text/html", "accept-language": "de"}))
    assert page.one("summary").text == "Filter und Spalten"


def test_a_copy_of_the_english_catalog_adds_a_language(client, project, settings):
    settings.LANGUAGES = [("en", "English"), ("fr", "Français")]
    message = 'msgid "Download %(format)s"\nmsgstr '
    text = Catalog("streamreports", "en").path.read_text()
    for old, new in [
        ("Language: en", "Language: fr"),
        ("plural=(n != 1)", "plural=(n > 1)"),
        (f'{message}""', f'{message}"%(format)s !"'),
    ]:
        assert old in text
        text = text.replace(old, new)
    write(project, "fr", text)
    assert button(client, "fr") == "CSV !"


def test_the_guide_names_the_languages():
    (listed,) = re.findall(r"is available in English, (.*?):", (DOCS / PAGE).read_text())
    assert set(re.split(r", | and ", listed)) >= {
        NAMES[locale] for locale in locales_of("streamreports")
    }
