import datetime
from decimal import Decimal

import pytest
from django.db.models import Count, F, Max, Value
from django.utils import translation

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.previews import PreviewCell, PreviewColumn
from tests.factories import (
    DrawerFactory,
    MakerFactory,
    PartFactory,
    SlotFactory,
    SpecimenFactory,
)
from tests.models import Certificate, Drawer, Maker, Slot, Specimen
from tests.previews.support import LinesFormat, preview

pytestmark = pytest.mark.django_db


def cell_of(column, queryset=None, **options):
    """Return the only cell of a column."""
    previewed = preview(Specimen.objects.all() if queryset is None else queryset, column, **options)
    ((cell,),) = previewed.rows
    return cell


def is_number(column, queryset=None):
    previewed = preview(Specimen.objects.all() if queryset is None else queryset, column)
    return previewed.columns[0].is_number


# Numbers


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("integer", 1234567, "1,234,567"),
        ("integer", -1234, "-1,234"),
        ("integer", 12, "12"),
        ("big", 2**63 - 1, "9,223,372,036,854,775,807"),
        ("short_decimal", Decimal("13221.80"), "13,221.80"),
        ("floating", 1234.5, "1,234.5"),
        ("floating", 1e300, "1e+300"),
    ],
)
def test_numbers_are_grouped(field, value, text):
    SpecimenFactory(**{field: value})
    assert cell_of(field).text == text
    assert cell_of(field).original == text.replace(",", "")
    assert is_number(field)


def test_numbers_have_the_separators_of_the_language():
    SpecimenFactory(short_decimal=Decimal("-13221.80"))
    with translation.override("de"):
        assert cell_of("short_decimal").text == "-13.221,80"
        assert cell_of("short_decimal").original == "-13221.80"
        excel = cell_of("short_decimal", format=ExcelCsvFormat())
    assert (excel.text, excel.original) == ("-13.221,80", "-13221,80")


@pytest.mark.parametrize(
    "expression", [F("integer") + 1000, Max("integer") + 1000, Value(1001) + 0, Count("pk") + 1000]
)
def test_expressions_of_numbers_are_grouped(expression):
    SpecimenFactory(integer=1)
    assert cell_of(Column(expression, label="Number")).text == "1,001"


def test_an_annotation_is_grouped():
    SpecimenFactory(integer=1)
    queryset = Specimen.objects.annotate(number=F("integer") + 1000)
    assert cell_of("number", queryset).text == "1,001"


@pytest.mark.parametrize("column", ["pk", "id", "maker", "maker_id", "maker__id", "maker__pk"])
def test_keys_are_numbers_that_are_not_grouped(column):
    SpecimenFactory(pk=12345, maker=MakerFactory(pk=12345))
    assert cell_of(column) == PreviewCell("12345", "12345")
    assert is_number(column)


def test_keys_that_are_text_are_no_numbers():
    SlotFactory(drawer=DrawerFactory(code="1000"), number=5)
    assert not is_number("pk", Drawer.objects.all())
    assert not is_number("drawer", Slot.objects.all())
    assert not is_number("pk", Slot.objects.all())


def test_the_key_of_a_one_to_one_relation_is_a_number():
    Certificate.objects.create(specimen=SpecimenFactory(pk=1234), number="=1")
    assert is_number("specimen", Certificate.objects.all())
    assert cell_of("specimen", Certificate.objects.all()).text == "1234"


def test_choices_are_not_grouped():
    MakerFactory(size=1000)
    queryset = Maker.objects.all()
    assert (is_number("size", queryset), cell_of("size", queryset).text) == (True, "1000")
    assert not is_number("get_size_display", queryset)


def test_numbers_with_a_format_are_as_they_are_in_the_file():
    SpecimenFactory(integer=1234567)
    column = Column("integer", format="d")
    assert (is_number(column), cell_of(column).text) == (True, "1234567")
    column = Column("integer", format=lambda value: f"no. {value}")
    assert (is_number(column), cell_of(column).text) == (False, "no. 1234567")


def test_other_columns_are_no_numbers():
    PartFactory(quantity=1000, specimen=SpecimenFactory(full=True))
    for column in ("char", "date", "duration", "boolean", "parts__quantity"):
        assert not is_number(column)
    assert cell_of("parts__quantity").text == "1000"
    assert cell_of(Column(lambda specimen: 1000, label="Number")).text == "1000"


# Text


def test_an_empty_cell():
    SpecimenFactory(char="", integer=None)
    for column in ("char", "integer", "text", "parts__name"):
        cell = cell_of(column)
        assert (cell.text, cell.is_empty) == ("", True)
    assert not cell_of(Column(Value(" "), label="Space")).is_empty


@pytest.mark.parametrize("text", ["=1+1", "-a", "'=1", "''@a", "＝1", "\tx"])
def test_an_escaped_text_gives_the_original(text):
    SpecimenFactory(char=text)
    assert cell_of("char") == PreviewCell("'" + text, text, is_escaped=True)


@pytest.mark.parametrize("text", ["a", "'", "'a", "1=1", "''"])
def test_a_text_that_is_no_formula_is_not_escaped(text):
    SpecimenFactory(char=text)
    assert cell_of("char") == PreviewCell(text, text)


def test_text_that_is_not_escaped_is_the_original():
    """With this option, "'=1" is what the database has."""
    SpecimenFactory(char="'=1")
    assert cell_of(Column("char", escape_formulas=False)) == PreviewCell("'=1", "'=1")

    class PlainFormat(CsvFormat):
        escape_formulas = False

    assert cell_of("char", format=PlainFormat()) == PreviewCell("'=1", "'=1")


def test_an_escaped_text_of_a_function():
    SpecimenFactory(char="=1")
    cell = cell_of(Column(lambda specimen: specimen.char, label="Text"))
    assert cell == PreviewCell("'=1", "=1", is_escaped=True)


# Native values


def test_native_values_are_printed():
    SpecimenFactory(full=True, integer=1234, char="=1", short_decimal=Decimal("1.50"))
    zoned = datetime.datetime(2026, 11, 20, 12, 30, tzinfo=datetime.UTC)
    assert Specimen.objects.get().datetime == zoned
    for column, text in {
        "integer": "1,234",
        "short_decimal": "1.50",
        "datetime": "2026-11-20 12:30:00+00:00",
        "boolean": "True",
        "binary": "AP4=",
        "json": '{"a": [1, null, "ü"]}',
        "uuid": "00000000-0000-0000-0000-000000000005",
        "get_kind_display": "Rare kind",
    }.items():
        assert cell_of(column, format=LinesFormat()).text == text


@pytest.mark.parametrize("text", ["=1", "'=1"])
def test_native_text_is_not_escaped(text):
    SpecimenFactory(char=text)
    assert cell_of("char", format=LinesFormat()) == PreviewCell(text, text)


# Columns


def test_columns_have_their_names_and_headers():
    previewed = preview(
        Maker.objects.all(), "name", Column("size", label="=1"), Column(len, label="x", name="y")
    )
    assert previewed.columns == [
        PreviewColumn("name", "Name", is_number=False),
        PreviewColumn("size", "'=1", is_number=True),
        PreviewColumn("y", "x", is_number=False),
    ]
