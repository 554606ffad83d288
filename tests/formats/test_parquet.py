"""Parquet files of reports, on every database."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import (
    Avg,
    DecimalField,
    F,
    FloatField,
    IntegerField,
    Max,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import TruncDate, TruncDay
from django.utils import timezone

from streamreports.columns import Column
from streamreports.exceptions import ColumnError, ReportError
from streamreports.formats.parquet import ParquetFormat
from streamreports.reports import Report
from tests.factories import MakerFactory, PartFactory, SpecimenFactory
from tests.formats.parquet_files import file_of, table_of, types_of, variant, written
from tests.models import Maker, Specimen

specimens = Specimen.objects.order_by("pk")

NOON = datetime.datetime(2026, 11, 20, 12, 30, tzinfo=datetime.UTC)

TYPES = {
    "id": "int64",
    "big": "int64",
    "binary": "binary",
    "boolean": "bool",
    "char": "string",
    "date": "date32[day]",
    "datetime": "timestamp[us, tz=UTC]",
    "decimal": "decimal128(30, 10)",
    "short_decimal": "decimal128(10, 2)",
    "duration": "duration[us]",
    "file": "string",
    "floating": "double",
    "integer": "int64",
    "ip": "string",
    "json": "string",
    "kind": "string",
    "text": "string",
    "time": "time64[us]",
    "uuid": "string",
    "maker": "int64",
    "maker__size": "int64",
}


# Reports


@pytest.mark.django_db
def test_columns_have_the_types_of_their_fields():
    assert types_of(table_of(specimens.none(), *TYPES)) == TYPES


@pytest.mark.django_db
def test_values_are_those_of_the_fields():
    specimen = SpecimenFactory(full=True, decimal=Decimal("-0.0000000001"), char="=1+1")
    (row,) = table_of(specimens, *TYPES).to_pylist()
    assert row == {
        "id": specimen.pk,
        "big": 2**63 - 1,
        "binary": b"\x00\xfe",
        "boolean": True,
        "char": "=1+1",
        "date": NOON.date(),
        "datetime": NOON,
        "decimal": Decimal("-0.0000000001"),
        "short_decimal": None,
        "duration": datetime.timedelta(days=1, hours=2, minutes=3, seconds=4),
        "file": "reports/a.txt",
        "floating": 0.1,
        "integer": -7,
        "ip": "2001:db8::1",
        "json": '{"a":[1,null,"ü"]}',
        "kind": "r",
        "text": "two\nlines",
        "time": datetime.time(9, 30),
        "uuid": str(uuid.UUID(int=5)),
        "maker": specimen.maker_id,
        "maker__size": 1,
    }


@pytest.mark.django_db
def test_nulls_are_null():
    SpecimenFactory(maker=None, char=None)
    names = [name for name in TYPES if name not in ("id", "file")]
    assert table_of(specimens, *names).to_pylist() == [dict.fromkeys(names)]


@pytest.mark.django_db
def test_choices_formats_and_python_are_text():
    SpecimenFactory(integer=7, kind="r", date=NOON.date())
    table = table_of(
        specimens,
        "get_kind_display",
        Column("integer", format="05d"),
        Column("date", format=lambda value: value.year),
        Column(lambda s: s.integer / 2, label="Half", name="half"),
        Column(lambda s: [1, "ü"], label="List", name="list"),
        Column(lambda s: None, label="None", name="none"),
    )
    assert set(types_of(table).values()) == {"string"}
    assert [*table.to_pylist()[0].values()] == [
        "Rare kind",
        "00007",
        "2026",
        "3.5",
        '[1,"ü"]',
        None,
    ]


@pytest.mark.django_db
def test_to_many_columns_are_lists_of_their_type():
    specimen = SpecimenFactory()
    PartFactory(specimen=specimen, name="b", quantity=1)
    PartFactory(specimen=specimen, name="a", quantity=2)
    SpecimenFactory()
    table = table_of(
        specimens, "parts__name", "parts__quantity", Column("parts__id", format="", name="text")
    )
    assert types_of(table) == {
        "parts__name": "list<element: string>",
        "parts__quantity": "list<element: int64>",
        "text": "list<element: string>",
    }
    first, second = table.to_pylist()
    assert (first["parts__name"], first["parts__quantity"]) == (["b", "a"], [1, 2])
    assert second == {"parts__name": [], "parts__quantity": [], "text": []}


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has arrays")
def test_arrays_are_lists():
    from tests.models import Shelf

    Shelf.objects.create(labels=["a", "=b"], counts=[[1, None], [2, 3]])
    Shelf.objects.create()
    table = table_of(Shelf.objects.order_by("pk"), "labels", "counts")
    assert types_of(table) == {
        "labels": "list<element: string>",
        "counts": "list<element: list<element: int64>>",
    }
    assert table.to_pylist() == [
        {"labels": ["a", "=b"], "counts": [[1, None], [2, 3]]},
        {"labels": None, "counts": None},
    ]


@pytest.mark.django_db
def test_aware_datetimes_are_in_utc_in_every_time_zone():
    SpecimenFactory(datetime=NOON)
    with timezone.override("America/Sao_Paulo"):
        table = table_of(specimens, "datetime")
    assert types_of(table) == {"datetime": "timestamp[us, tz=UTC]"}
    assert table.to_pylist() == [{"datetime": NOON}]


@pytest.mark.django_db
def test_calculated_dates_have_their_types():
    SpecimenFactory(datetime=NOON)
    table = table_of(
        specimens,
        Column(TruncDay("datetime"), name="day", label=""),
        Column(TruncDate("datetime"), name="date", label=""),
    )
    assert types_of(table) == {"day": "timestamp[us, tz=UTC]", "date": "date32[day]"}
    assert table.to_pylist() == [{"day": NOON.replace(hour=0, minute=0), "date": NOON.date()}]


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_datetimes_are_naive_without_time_zones(settings, zone):
    settings.USE_TZ = False
    settings.TIME_ZONE = zone
    SpecimenFactory(datetime=NOON.replace(tzinfo=None))
    table = table_of(specimens, "datetime")
    assert types_of(table) == {"datetime": "timestamp[us]"}
    assert table.to_pylist() == [{"datetime": NOON.replace(tzinfo=None)}]


@pytest.mark.django_db
def test_calculated_decimals_are_text_with_all_digits():
    SpecimenFactory(short_decimal=Decimal("1.25"), decimal=Decimal("0.5"))
    SpecimenFactory(short_decimal=Decimal("2.5"), decimal=Decimal("0.5"))
    table = table_of(
        specimens, Column(F("short_decimal") * F("decimal"), name="product", label=""), "decimal"
    )
    assert types_of(table) == {"product": "string", "decimal": "decimal128(30, 10)"}
    assert [Decimal(value) for value in table["product"].to_pylist()] == [
        Decimal("0.625"),
        Decimal("1.25"),
    ]


@pytest.mark.django_db
def test_decimals_of_aggregates_are_text_and_of_groups_decimals():
    for price in ("1.00", "1.00", "2.00"):
        SpecimenFactory(short_decimal=Decimal(price))
    prices = Specimen.objects.values("short_decimal").annotate(total=Sum("short_decimal"))
    table = table_of(prices.order_by("short_decimal"), "short_decimal", "total")
    assert types_of(table) == {"short_decimal": "decimal128(10, 2)", "total": "string"}
    assert [Decimal(value) for value in table["total"].to_pylist()] == [2, 2]


@pytest.mark.django_db
def test_aggregates_have_their_types():
    maker = MakerFactory(name="Acme")
    SpecimenFactory(integer=2**31 - 1, floating=0.5, maker=maker)
    SpecimenFactory(integer=2**31 - 1, floating=1.5, maker=maker)
    makers = Maker.objects.values("name").annotate(
        total=Sum("specimens__integer"), most=Max("specimens__floating")
    )
    table = table_of(makers, "name", "total", "most")
    assert types_of(table) == {"name": "string", "total": "int64", "most": "double"}
    assert table.to_pylist() == [{"name": "Acme", "total": 2**32 - 2, "most": 1.5}]


@pytest.mark.django_db
def test_decimals_of_combined_querysets_are_text():
    SpecimenFactory(short_decimal=Decimal("1.25"))
    both = Specimen.objects.values("short_decimal").union(Specimen.objects.values("short_decimal"))
    assert types_of(table_of(both, "short_decimal")) == {"short_decimal": "string"}


@pytest.mark.django_db
def test_output_fields_decide_the_types_of_columns():
    maker = MakerFactory()
    for price in ("1.00", "1.00", "2.00"):
        SpecimenFactory(short_decimal=Decimal(price), maker=maker)
    makers = Maker.objects.annotate(average=Avg("specimens__short_decimal"))
    fields = {"average": DecimalField(max_digits=12, decimal_places=4), "length": FloatField()}
    table = table_of(
        makers,
        "average",
        Column(lambda maker: 7, label="Length", name="length"),
        format=variant(output_fields=fields),
    )
    assert types_of(table) == {"average": "decimal128(12, 4)", "length": "double"}
    assert table.to_pylist() == [{"average": Decimal("1.3333"), "length": 7.0}]


@pytest.mark.django_db
def test_expressions_need_a_name():
    with pytest.raises(ColumnError, match="name"):
        Report(specimens, [Column(Value(1), label="One")]).stream(ParquetFormat())


# What does not fit


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="other databases enforce their types")
def test_value_that_does_not_fit_raises_an_error_that_names_it():
    SpecimenFactory(integer=1)
    bad = SpecimenFactory(integer=2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tests_specimen SET integer = 'n/a' WHERE id = %s", [bad.pk])
    with pytest.raises(ReportError) as caught:
        file_of(specimens, "char", "integer")
    assert caught.value.problem == (
        "Row 2: 'n/a' does not fit into the column 'integer', whose type in Parquet is int64."
    )
    assert caught.value.hint == (
        "Correct the value, or write the column as text: add 'integer': TextField() to the"
        " format's output_fields."
    )
    table = table_of(specimens, "integer", format=variant(output_fields={"integer": TextField()}))
    assert table["integer"].to_pylist() == ["1", "n/a"]


def test_rows_are_counted_over_batches_and_groups():
    with pytest.raises(ReportError, match=r"^Row 8: "):
        written([*range(7), "x"], IntegerField(), format=variant(max_rows=3))


def test_long_value_is_shortened_in_the_error():
    with pytest.raises(ReportError) as caught:
        written(["x" * 1000], IntegerField())
    assert "'" + "x" * 79 + "… does not fit" in caught.value.problem
