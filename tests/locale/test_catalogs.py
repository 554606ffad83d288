"""Whether each translation fits its message. `.ci/messages --check` tells whether there is one."""

import gettext
import re

import pytest
from django.utils.translation import to_locale

import demo_project.settings
from tests.locale.catalogs import CATALOGS, Catalog, locales_of

VERBATIM = re.compile(r"%\(\w+\)[a-z]|%%|\{\w*\}|</?[a-z]+>|--[a-z]+|https?:|\b[A-Z]+_[A-Z_]+\b")
ENDS = {".": ".", "。": ".", ":": ":", "：": ":", "?": "?", "？": "?"}

every_catalog = pytest.mark.parametrize("catalog", CATALOGS, ids=str)


def verbatim(text):
    """Return the placeholders, tags, options and settings of a text."""
    return sorted(VERBATIM.findall(text))


def around(text):
    """Return the spaces around a text, and the punctuation at its end in its English form."""
    return text[: -len(text.lstrip())], text[len(text.rstrip()) :], ENDS.get(text.rstrip()[-1], "")


def originals(message):
    """Return the messages that a translation may follow: a language may have one form for all."""
    return [message.singular] if message.plural is None else [message.singular, message.plural]


@every_catalog
def test_the_placeholders_tags_options_and_settings_are_kept(catalog):
    wrong = [
        text
        for message in catalog.read()[1]
        for text in message.translations
        if verbatim(text) not in map(verbatim, originals(message))
    ]
    assert wrong == []


@every_catalog
def test_the_last_plural_form_has_the_number(catalog):
    wrong = [
        message.translations[-1]
        for message in catalog.read()[1]
        if verbatim(message.translations[-1]) != verbatim(originals(message)[-1])
    ]
    assert wrong == []


@every_catalog
def test_the_spaces_around_a_message_and_its_final_punctuation_are_kept(catalog):
    wrong = [
        text
        for message in catalog.read()[1]
        for text in message.translations
        if around(text) != around(message.singular)
    ]
    assert wrong == []


@every_catalog
def test_each_plural_form_is_translated(catalog):
    header, messages = catalog.read()
    (forms,) = re.findall(r"nplurals=(\d+)", header)
    plural = [message for message in messages if message.plural]
    assert [each for each in plural if len(each.translations) != int(forms)] == []
    assert [message for message in messages if "" in message.translations] == []


@every_catalog
def test_the_header_names_the_package_and_the_language(catalog):
    header, _ = catalog.read()
    assert "Project-Id-Version: streamreports\n" in header
    assert f"Language: {catalog.locale}\n" in header


@every_catalog
def test_the_compiled_catalog_has_the_same_translations(catalog):
    with catalog.path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    single = [message for message in catalog.read()[1] if message.plural is None]
    assert [compiled.gettext(message.singular) for message in single] == [
        message.translations[0] for message in single
    ]


def test_the_demo_has_the_languages_of_the_package():
    assert locales_of("demo_project") == locales_of("streamreports")


def test_the_demo_offers_the_languages_that_it_has_catalogs_of():
    languages = [code for code, _ in demo_project.settings.LANGUAGES]
    assert sorted(map(to_locale, languages)) == sorted(["en", *locales_of("demo_project")])


@pytest.mark.parametrize("locale", locales_of("demo_project"))
def test_the_demo_translates_what_the_package_has_as_the_package_does(locale):
    """The demo's catalog comes first, so that its pages would differ from those of others."""
    package, demo = (
        {message.singular: message.translations for message in Catalog(name, locale).read()[1]}
        for name in ("streamreports", "demo_project")
    )
    shared = package.keys() & demo.keys()
    assert "Log in" in shared
    assert {text: demo[text] for text in shared} == {text: package[text] for text in shared}
