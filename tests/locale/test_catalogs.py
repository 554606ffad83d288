"""Whether each translation fits its message. `.ci/messages --check` tells whether there is one."""

import gettext
import re

import pytest

from tests.locale.catalogs import LOCALES, path_of, read

VERBATIM = re.compile(r"%\(\w+\)[a-z]|%%|\{\w*\}|--[a-z]+|https?:|\b[A-Z]+_[A-Z_]+\b")
ENDS = {".": ".", "。": ".", ":": ":", "：": ":", "?": "?", "？": "?"}

pytestmark = pytest.mark.parametrize("locale", LOCALES)


def verbatim(text):
    """Return the placeholders, options and settings of a text."""
    return sorted(VERBATIM.findall(text))


def around(text):
    """Return the spaces around a text, and the punctuation at its end in its English form."""
    return text[: -len(text.lstrip())], text[len(text.rstrip()) :], ENDS.get(text.rstrip()[-1], "")


def originals(message):
    """Return the messages that a translation may follow: a language may have one form for all."""
    return [message.singular] if message.plural is None else [message.singular, message.plural]


def test_the_placeholders_options_and_settings_are_kept(locale):
    wrong = [
        text
        for message in read(locale)[1]
        for text in message.translations
        if verbatim(text) not in map(verbatim, originals(message))
    ]
    assert wrong == []


def test_the_last_plural_form_has_the_number(locale):
    wrong = [
        message.translations[-1]
        for message in read(locale)[1]
        if verbatim(message.translations[-1]) != verbatim(originals(message)[-1])
    ]
    assert wrong == []


def test_the_spaces_around_a_message_and_its_final_punctuation_are_kept(locale):
    wrong = [
        text
        for message in read(locale)[1]
        for text in message.translations
        if around(text) != around(message.singular)
    ]
    assert wrong == []


def test_each_plural_form_is_translated(locale):
    header, messages = read(locale)
    (forms,) = re.findall(r"nplurals=(\d+)", header)
    numbers = {len(message.translations) for message in messages if message.plural}
    assert numbers == {int(forms)}
    assert [message for message in messages if "" in message.translations] == []


def test_the_header_names_the_package_and_the_language(locale):
    header, _ = read(locale)
    assert "Project-Id-Version: streamreports\n" in header
    assert f"Language: {locale}\n" in header


def test_the_compiled_catalog_has_the_same_translations(locale):
    with path_of(locale, ".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    single = [message for message in read(locale)[1] if message.plural is None]
    assert [compiled.gettext(message.singular) for message in single] == [
        message.translations[0] for message in single
    ]
