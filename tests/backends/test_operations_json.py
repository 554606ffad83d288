"""The JSON that COPY writes is what Python writes, byte for byte."""

import re

import pytest
from django.db import connection
from django.db.models import Count, F, Sum
from django.db.models.expressions import RawSQL
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.formats.json import JsonFormat, JsonLinesFormat
from streamreports.reports import Report
from tests.backends import test_operations_expressions as expressions
from tests.backends.test_operations import FIELDS, TEXTS, ZONES, copy_of, drawn
from tests.backends.test_operations_formats import FORMATS, VALUES
from tests.models import Maker, Part, Specimen

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL has COPY."),
]

PRINTED_IN_PYTHON = {"binary", "floating", "json"}
specimens = Specimen.objects.order_by("pk")


class NumbersFormat(JsonLinesFormat):
    name = "numbers"
    decimals_as_numbers = True


each_format = pytest.mark.parametrize("format", [JsonLinesFormat(), JsonFormat(), NumbersFormat()])


def assert_copied_alike(report, format):
    """Check that COPY writes the report; in a transaction its stream is written in Python."""
    assert {way for _, way in report.explain(format).columns} == {
        "printed in Python: the format wants native values"
    }
    assert copy_of(report, format) == b"".join(report.stream(format))


@each_format
@pytest.mark.parametrize("field", FIELDS.keys() - PRINTED_IN_PYTHON)
@drawn
@given(data=st.data())
def test_field_is_written_alike(field, format, data, db):
    values = data.draw(st.lists(st.none() | FIELDS[field], min_size=1, max_size=30))
    zone = data.draw(st.sampled_from(ZONES if field == "datetime" else ZONES[:1]))
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(**{field: value}) for value in values])
    columns = [field, "get_kind_display"] if field == "kind" else [field]
    with timezone.override(zone):
        assert_copied_alike(Report(specimens, columns), format)


@pytest.mark.parametrize("field", sorted(PRINTED_IN_PYTHON))
def test_field_that_is_not_copied_is_named(field):
    _, (_, way) = Report(specimens, ["id", field]).explain(JsonLinesFormat()).columns
    assert way.startswith("printed in Python: ")
    assert "native" not in way


@pytest.mark.parametrize("field", FORMATS)
@drawn
@given(data=st.data())
def test_column_with_a_format_is_written_alike(field, data, db):
    values = data.draw(st.lists(st.none() | VALUES[field], min_size=1, max_size=10))
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(**{field: value}) for value in values])
    columns = [Column(field, name=f"n{n}", format=spec) for n, spec in enumerate(FORMATS[field])]
    assert_copied_alike(Report(specimens, columns), JsonLinesFormat())


@each_format
@drawn
@given(data=st.data())
def test_to_many_column_is_written_alike(format, data, db):
    Specimen.objects.all().delete()
    names = st.lists(st.none() | TEXTS.map(lambda text: text[:50]), max_size=4)
    for of_one in data.draw(st.lists(names, max_size=5)):
        specimen = Specimen.objects.create()
        Part.objects.bulk_create([Part(specimen=specimen, name=name) for name in of_one])
    columns = ["parts__name", "parts__quantity", "parts", "parts__specimen__datetime"]
    assert_copied_alike(Report(specimens, columns), format)


@pytest.mark.parametrize(
    "field", ["boolean", "date", "datetime", "duration", "ip", "short_decimal", "time", "uuid"]
)
@drawn
@given(data=st.data())
def test_to_many_column_of_other_fields_is_written_alike(field, data, db):
    Maker.objects.all().delete()
    maker = Maker.objects.create(name="m")
    values = data.draw(st.lists(st.none() | FIELDS[field], max_size=5))
    Specimen.objects.bulk_create([Specimen(maker=maker, **{field: value}) for value in values])
    report = Report(Maker.objects.order_by("pk"), [f"specimens__{field}"])
    with timezone.override("Europe/Berlin"):
        assert_copied_alike(report, JsonLinesFormat())
        assert_copied_alike(report, NumbersFormat())


@pytest.mark.parametrize("aggregates", [True, False])
@drawn
@given(values=st.lists(st.tuples(expressions.specimens, expressions.parts), max_size=8))
def test_expressions_are_written_alike(aggregates, values, db):
    expressions.create(values)
    columns = [
        Column(expression, label=name, name=re.sub(r"\W", "_", name))
        for name, expression in expressions.EXPRESSIONS.items()
        if expressions.is_aggregate(expression) == aggregates
    ]
    report = Report(specimens, [*columns, "pk"])
    assert_copied_alike(report, JsonLinesFormat())
    assert_copied_alike(report, NumbersFormat())


@each_format
def test_choices_outside_of_their_labels_are_written_alike(format):
    for size in (1, 7, None):
        Specimen.objects.create(maker=Maker.objects.create(name="m", size=size))
    report = Report(specimens, ["maker__get_size_display", "maker__size"])
    assert_copied_alike(report, format)
    assert b'"7"' in copy_of(report, format)


def test_decimal_that_is_no_number_is_written_alike():
    Specimen.objects.create()
    nan = RawSQL("'NaN'::numeric", ())
    Specimen.objects.update(short_decimal=nan, decimal=nan)
    report = Report(specimens, ["short_decimal", "decimal"])
    assert_copied_alike(report, JsonLinesFormat())
    assert copy_of(report, NumbersFormat()) == b'{"short_decimal":null,"decimal":null}\n'
    assert_copied_alike(report, NumbersFormat())


def test_grouped_queryset_is_written_alike():
    for number in range(4):
        maker = Maker.objects.create(name=f"m{number % 2}", size=number)
        Specimen.objects.create(maker=maker, integer=number, short_decimal=number)
    groups = Maker.objects.values("name").order_by("name").annotate(total=Sum("size"))
    assert_copied_alike(Report(groups, ["name", "total"]), JsonLinesFormat())
    larger = Column(F("size") + 1, label="Larger", name="larger")
    columns = ["name", Column(Count("specimens"), name="number"), larger]
    assert_copied_alike(Report(Maker.objects.order_by("pk"), columns), JsonLinesFormat())
    sums = Maker.objects.annotate(sum=Sum("specimens__short_decimal")).order_by("-sum")
    assert_copied_alike(Report(sums, ["sum", "name", "size"]), JsonLinesFormat())


def test_names_of_any_length_and_alphabet_are_keys():
    Specimen.objects.create(char="x")
    names = ["a" * 80, "a" * 79, "Größe-1", "文"]
    report = Report(specimens, [Column("char", name=name) for name in names])
    assert_copied_alike(report, JsonLinesFormat())
