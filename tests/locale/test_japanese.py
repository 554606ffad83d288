"""Japanese, which has one form for all numbers and its own order of words."""

import pytest
from django.utils import translation
from django.utils.translation import gettext, ngettext

from streamreports.previews import RowCount


@pytest.fixture(autouse=True)
def japanese():
    with translation.override("ja"):
        yield


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 行"), (1, "1 行"), (2, "2 行"), (1234, "1,234 行")]
)
def test_one_row_and_many_have_the_same_form(number, text):
    assert str(RowCount(number)) == text


@pytest.mark.parametrize(("number", "text"), [(1, "先頭の 1 行"), (50, "先頭の 50 行")])
def test_a_message_whose_singular_has_no_number_shows_it(number, text):
    assert ngettext("First row", "First %(number)s rows", number) % {"number": number} == text


def test_the_format_precedes_the_verb():
    assert gettext("Download %(format)s") % {"format": "CSV"} == "CSV 形式でダウンロード"


def test_the_message_of_a_failed_preview_names_the_button():
    message = gettext("The preview could not be loaded. Use the button Show to try again.")
    assert f"「{gettext('Show')}」ボタン" in message
