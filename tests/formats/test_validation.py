"""What every format must have."""

import pytest

from streamreports.exceptions import ReportError
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.reports import Report
from tests.models import Specimen


class Lines(Format):
    name = "lines"
    extension = "txt"
    content_type = "text/plain"

    def encode(self, columns, batches):
        yield from ()


def variant(**attributes):
    return type("Variant", (Lines,), attributes)()


def test_names_are_for_urls_and_differ_where_extensions_do_not():
    assert (CsvFormat.name, CsvFormat.extension) == ("csv", "csv")
    assert (ExcelCsvFormat.name, ExcelCsvFormat.extension) == ("excel-csv", "csv")


def test_format_wants_text_by_default():
    assert Lines.wants == CsvFormat.wants == "text"


@pytest.mark.parametrize(
    ("attributes", "problem", "hint"),
    [
        ({"name": ""}, "Variant.name is ''.", "Define Variant.name as a string."),
        ({"name": None}, "Variant.name is None.", "Define Variant.name as a string."),
        ({"extension": 1}, "Variant.extension is 1.", "Define Variant.extension as a string."),
        (
            {"content_type": None},
            "Variant.content_type is None.",
            "Define Variant.content_type as a string.",
        ),
        (
            {"name": "a/b"},
            "Variant.name is 'a/b', which cannot be used in a URL.",
            "Use letters, digits, hyphens and underscores, and dots between them.",
        ),
        ({"wants": "rows"}, "Variant.wants is 'rows'.", "Use 'text', 'native' or 'nested'."),
    ],
    ids=str,
)
def test_attributes_are_validated(attributes, problem, hint):
    with pytest.raises(ReportError) as caught:
        variant(**attributes).validate()
    assert (caught.value.problem, caught.value.hint) == (problem, hint)


def test_missing_attribute_is_named():
    class Bare(Format):
        def encode(self, columns, batches):
            yield from ()

    with pytest.raises(ReportError, match=r"^Bare\.name is None\. Define Bare\.name as a string\."):
        Bare().validate()


def test_validation_of_csv_includes_that_of_every_format():
    class Variant(CsvFormat):
        name = "?"

    with pytest.raises(ReportError, match=r"^Variant\.name is '\?', "):
        Variant().validate()


def test_stream_validates_its_format():
    with pytest.raises(ReportError, match=r"^Variant\.name is ''\. "):
        Report(Specimen.objects.all(), ["id"]).stream(variant(name=""))


@pytest.mark.parametrize("format", [CsvFormat, "csv", None])
def test_stream_refuses_what_is_not_a_format(format):
    with pytest.raises(ReportError) as caught:
        Report(Specimen.objects.all(), ["id"]).stream(format)
    assert caught.value.problem == f"{format!r} is not a format."
    assert caught.value.hint == "Give an instance of one, such as CsvFormat()."
