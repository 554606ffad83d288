import datetime
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F, Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy

from streamreports.columns import Column
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.factories import NoteFactory, PartFactory, SpecimenFactory
from tests.models import Note, Part, Specimen

pytestmark = pytest.mark.django_db

specimens = Specimen.objects.order_by("pk")


def native_rows(queryset, *columns, wants="native"):
    reader = Report(queryset, columns)._reader(TextOptions(), wants=wants)
    return [tuple(row) for batch in reader.batches() for row in batch]


def native(column, queryset=specimens, wants="native"):
    """Return the cell of a column in the only row, and its class."""
    ((cell,),) = native_rows(queryset, column, wants=wants)
    return cell, type(cell)


def nested(column, queryset=specimens):
    """Return the same cell for a format that nests values."""
    return native(column, queryset, "nested")[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("integer", -7),
        ("big", 2**63 - 1),
        ("boolean", True),
        ("char", "=text"),
        ("date", datetime.date(2026, 11, 20)),
        ("time", datetime.time(9, 30)),
        ("duration", datetime.timedelta(days=1, seconds=4)),
        ("floating", 0.1),
        ("short_decimal", Decimal("1.50")),
        ("binary", b"\x00\xfe"),
        ("file", "reports/a.txt"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("others", [[], ["__str__"]], ids=["values", "instances"])
def test_native_cell_of_a_field_is_its_value(field, value, others):
    SpecimenFactory(**{field: value})
    ((cell, *_),) = native_rows(specimens, field, *others)
    assert (cell, type(cell)) == (value, type(value))


@pytest.mark.parametrize("others", [[], ["__str__"]], ids=["values", "instances"])
def test_native_cell_of_null_is_none(others):
    SpecimenFactory(char=None, maker=None)
    columns = ["char", "maker__name", "integer", "get_kind_display", Column("date", format="%d")]
    ((*cells,),) = native_rows(specimens, *columns, *others)
    assert cells[:5] == [None] * 5


def test_native_cell_of_a_datetime_is_in_the_current_time_zone():
    SpecimenFactory(datetime=datetime.datetime(2026, 11, 20, 12, 30, tzinfo=datetime.UTC))
    zone = ZoneInfo("America/Sao_Paulo")
    with timezone.override(zone):
        cell, _ = native("datetime")
    assert (cell.replace(tzinfo=None), cell.tzinfo) == (
        datetime.datetime(2026, 11, 20, 9, 30),
        zone,
    )


def test_native_cell_of_a_choice_is_its_label():
    SpecimenFactory(kind="r")
    assert native("get_kind_display") == ("Rare kind", str)


def test_native_cell_with_a_format_is_text():
    SpecimenFactory(integer=5)
    assert native(Column("integer", format=".2f")) == ("5.00", str)
    assert native(Column("integer", format=lambda value: value * 2)) == ("10", str)


def test_native_cell_of_a_choice_is_text_even_without_a_label():
    SpecimenFactory(maker__size=7)
    assert native("maker__get_size_display") == ("7", str)


def test_native_cell_with_a_format_is_not_escaped():
    SpecimenFactory(integer=5)
    assert native(Column("integer", format="=%d".__mod__)) == ("=5", str)
    column = Column("integer", format="=%d".__mod__, escape_formulas=True)
    assert native(column) == ("=5", str)


@pytest.mark.parametrize("others", [[], ["__str__"]], ids=["values", "instances"])
@pytest.mark.parametrize("file", [None, "", "a.txt"])
def test_native_cell_of_a_file_is_its_name(file, others):
    SpecimenFactory()
    specimens.update(file=file)
    ((cell, *_),) = native_rows(specimens, "file", *others)
    assert (cell, type(cell)) == (file, type(file))


def test_native_cell_of_a_uuid_is_text():
    SpecimenFactory(uuid=uuid.UUID(int=5))
    assert native("uuid") == ("00000000-0000-0000-0000-000000000005", str)


def test_native_cells_of_many_values_are_text():
    specimen = SpecimenFactory(json=[1, "b", None])
    PartFactory(specimen=specimen, quantity=2)
    PartFactory(specimen=specimen, quantity=3)
    assert native("parts__quantity") == ("3, 2", str)
    assert native(Column("parts__quantity", separator="+")) == ("3+2", str)
    assert native("json") == ('[1, "b", null]', str)


def test_nested_cells_of_many_values_are_lists():
    specimen = SpecimenFactory(json=[1, {"b": [None]}])
    PartFactory(specimen=specimen, quantity=2, name=None)
    PartFactory(specimen=specimen, quantity=3)
    assert nested("parts__quantity") == [3, 2] or nested("parts__quantity") == [2, 3]
    assert len(nested("parts__name")) == 1
    assert sorted(nested(Column("parts__quantity", format="02d"))) == ["02", "03"]
    assert nested("json") == [1, {"b": [None]}]


def test_nested_cells_of_no_values_are_empty_lists():
    SpecimenFactory()
    assert nested("parts__quantity") == []


def test_nested_cell_of_prefetched_objects_is_a_list():
    specimen = SpecimenFactory()
    PartFactory(specimen=specimen, quantity=2, name="a")
    PartFactory(specimen=specimen, quantity=3, name="=b")
    parts = Prefetch("parts", Part.objects.order_by("quantity"))
    queryset = specimens.prefetch_related(parts)
    assert nested("parts__name", queryset) == ["a", "=b"]
    assert native("parts__name", queryset) == ("a, =b", str)


def test_native_cell_of_a_callable_is_its_value():
    SpecimenFactory(integer=5)
    assert native(Column(lambda specimen: specimen.integer * 2, label="x")) == (10, int)


def test_native_cell_of_a_lazy_text_is_text():
    SpecimenFactory()
    assert native(Column(lambda specimen: gettext_lazy("Yes"), label="x")) == ("Yes", str)


def test_native_cell_of_a_list_is_text():
    SpecimenFactory()
    assert native(Column(lambda specimen: [1, None, 2], label="x")) == ("1, 2", str)


def test_native_cell_of_an_object_is_text():
    NoteFactory(content_object__pk=7)
    assert native("content_object", Note.objects.all()) == ("Specimen object (7)", str)


def test_native_cell_of_an_expression_is_its_value():
    SpecimenFactory(integer=5)
    assert native(Column(F("integer") + 1, label="x")) == (6, int)
