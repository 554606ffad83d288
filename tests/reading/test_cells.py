import datetime
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy

from streamreports.columns import Column
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.factories import NoteFactory, PartFactory, SpecimenFactory
from tests.models import Note, Specimen

pytestmark = pytest.mark.django_db

specimens = Specimen.objects.order_by("pk")


def native_rows(queryset, *columns):
    reader = Report(queryset, columns)._reader(TextOptions(), native=True)
    return [tuple(row) for batch in reader.batches() for row in batch]


def native(column, queryset=specimens):
    """Return the cell of a column in the only row, and its class."""
    ((cell,),) = native_rows(queryset, column)
    return cell, type(cell)


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
        ("uuid", uuid.UUID(int=5)),
        ("binary", b"\x00\xfe"),
        ("file", "reports/a.txt"),
        ("json", {"a": [1, None]}),
        ("json", [1, "b"]),
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


def test_native_cell_of_a_to_many_column_is_text():
    specimen = SpecimenFactory()
    PartFactory(specimen=specimen, quantity=2)
    PartFactory(specimen=specimen, quantity=3)
    assert native("parts__quantity") == ("3, 2", str)


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
