"""What pages call a format."""

from django.utils import translation

from streamreports.formats.csv import CsvFormat, ExcelCsvFormat


def test_a_format_is_called_by_its_extension():
    assert CsvFormat.get_label() == "CSV"


def test_a_format_may_have_a_label():
    assert ExcelCsvFormat.get_label() == "CSV for Excel"


def test_a_subclass_may_have_another_label():
    assert type("OwnFormat", (CsvFormat,), {"label": "Own"}).get_label() == "Own"


def test_the_label_is_in_the_active_language():
    label = translation.gettext_lazy("Yes")
    own = type("OwnFormat", (CsvFormat,), {"label": label})
    with translation.override("de"):
        assert own.get_label() == "Ja"
