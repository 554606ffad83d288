"""Expressions that the database prints are printed as in Python, byte for byte."""

import datetime
import os
import re
from decimal import Decimal

import pytest
from django.db import connection, models
from django.db.models import (
    Aggregate,
    Avg,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models import functions as f
from django.db.models.fields.json import KT
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.backends.test_operations import (
    DATETIMES,
    OLDEST,
    TEXTS,
    as_python_prints,
    as_read,
    copy_of,
    file_of,
)
from tests.models import Maker, Part, Specimen

pytestmark = pytest.mark.django_db

POSTGRESQL = connection.vendor == "postgresql"

drawn = settings(
    max_examples=int(os.environ.get("PRINTING_EXAMPLES", "12")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

first_part = Part.objects.filter(specimen=OuterRef("pk")).order_by("pk")

# Printed by every database.
COMMON = {
    "Max": Max("parts__quantity"),
    "Min of text": Min("parts__name"),
    "Count": Count("parts", filter=Q(parts__quantity__lt=0)),
    "Sum": Sum("parts__quantity"),
    "Sum with default": Sum("parts__quantity", default=0),
    "Case": Case(When(integer__lt=0, then=Value("-")), default=F("char")),
    "Case of numbers": Case(When(boolean=True, then=Value(-1)), When(integer=0, then=F("integer"))),
    "Coalesce": f.Coalesce("char", Value("+none")),
    "Concat": f.Concat("char", Value(" - "), "integer", output_field=models.CharField()),
    "Cast to text": f.Cast("integer", models.CharField(max_length=30)),
    "Cast to integer": f.Cast("integer", models.IntegerField()),
    "Exists": Exists(first_part.filter(quantity__lt=0)),
    "not Exists": ~Exists(first_part),
    "Exists in none": Exists(Part.objects.none()),
    "Subquery": Subquery(first_part.values("name")[:1]),
    "Subquery of numbers": Subquery(first_part.values("quantity")[:1]),
    "Subquery of none": Subquery(Part.objects.none().values("name")),
    "Subquery aggregate": Subquery(
        first_part.order_by().values("specimen").annotate(n=Count("pk")).values("n")
    ),
    "Length": f.Length("char"),
    "Left": f.Left("char", 2),
    "Right": f.Right("char", 2),
    "Substr": f.Substr("char", 2),
    "Trim": f.Trim("char"),
    "Replace": f.Replace("char", Value("a"), Value("=")),
    "Upper": f.Upper("char"),
    "NullIf": f.NullIf("char", Value("=")),
    "StrIndex": f.StrIndex("char", Value("=")),
    "arithmetic": F("integer") * 2 - F("integer"),
    "wrapped": ExpressionWrapper(F("integer") + 1, output_field=models.BigIntegerField()),
    "condition": Q(integer__gt=0),
    "wrapped condition": ExpressionWrapper(
        Q(integer__gt=0) | Q(char=""), output_field=models.BooleanField()
    ),
    "always true": ExpressionWrapper(~Q(pk__in=[]), output_field=models.BooleanField()),
    "constant": Value("=1"),
    "number": Value(-5),
    "null": Value(None, output_field=models.CharField()),
    "ExtractYear": f.ExtractYear("datetime"),
    "ExtractSecond": f.ExtractSecond("datetime"),
    "ExtractWeekDay": f.ExtractWeekDay("date"),
    "TruncDate": f.TruncDate("datetime"),
    "TruncMonth of dates": f.TruncMonth("date"),
    "TruncMonth": f.TruncMonth("datetime"),
    "TruncHour": f.TruncHour("datetime"),
    "foreign key": F("maker"),
    "Max of dates": Max("datetime"),
    "RowNumber": Window(f.RowNumber(), order_by=F("pk").asc()),
}
# SQLite has floats only.
DECIMALS = {
    "Sum of decimals": Sum("short_decimal"),
    "Max of decimals": Max("decimal"),
}
# PostgreSQL has types of its own for these.
ON_POSTGRESQL = {
    "Sum of decimals with default": Sum("short_decimal", default=0),
    "Case of decimals": Case(
        When(boolean=True, then=F("decimal")),
        default=Value(0),
        output_field=models.DecimalField(),
    ),
    "division": F("integer") / 7,
    "Abs": f.Abs("decimal"),
    "Avg of decimals": Avg("decimal"),
    "Sum of big integers": Sum("big"),
    "Sum of durations": Sum("duration"),
    "product": F("decimal") * F("short_decimal"),
    "decimal and integer": F("short_decimal") * F("integer"),
    "quotient": F("decimal") / Value(Decimal("3")),
    "Cast to decimal": f.Cast("integer", models.DecimalField(max_digits=20, decimal_places=2)),
    "Cast to date": f.Cast("datetime", models.DateField()),
    "difference": F("datetime") - Value(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)),
    "difference of columns": ExpressionWrapper(
        Max("datetime") - Min("datetime"), output_field=models.DurationField()
    ),
    "key of JSON": KT("json__key"),
}
EXPRESSIONS = {
    **COMMON,
    **(DECIMALS if connection.vendor != "sqlite" else {}),
    **(ON_POSTGRESQL if POSTGRESQL else {}),
}

specimens = st.fixed_dictionaries(
    {
        "big": st.none() | st.integers(-(2**62), 2**62),
        "boolean": st.none() | st.booleans(),
        "char": st.none() | TEXTS.map(lambda text: text[:150]),
        "date": st.none() | st.dates(min_value=OLDEST.date()),
        "datetime": DATETIMES.filter(lambda value: 1000 < value.year < 9999).map(
            lambda value: value.replace(tzinfo=datetime.UTC)
        )
        # Without its time zone tables MariaDB cannot truncate null.
        | (st.nothing() if connection.vendor == "mysql" else st.none()),
        "decimal": st.none() | st.decimals(-(10**9), 10**9, places=10, allow_nan=False),
        "short_decimal": st.none() | st.decimals(-(10**7), 10**7, places=2, allow_nan=False),
        "duration": st.none() | st.timedeltas(datetime.timedelta(-999), datetime.timedelta(999)),
        "integer": st.none() | st.integers(-(2**30), 2**30 - 1),
        "json": st.none()
        | st.fixed_dictionaries(
            {"key": TEXTS | st.booleans() | st.none() | st.integers() | st.lists(st.integers())}
        ),
    }
)
parts = st.lists(st.tuples(st.none() | TEXTS.map(lambda text: text[:40]), st.integers(-9, 9)))


def create(drawn_values):
    Specimen.objects.all().delete()
    maker = Maker.objects.create(name="=m")
    for values, of_one in drawn_values:
        specimen = Specimen.objects.create(**values, maker=maker)
        Part.objects.bulk_create(
            [Part(specimen=specimen, name=name, quantity=n) for name, n in of_one[:4]]
        )


def is_aggregate(expression):
    """Return True for an aggregate of the parts, and for what is made of one."""
    if isinstance(expression, Aggregate):
        return True
    sources = getattr(expression, "get_source_expressions", list)()
    return not isinstance(expression, Subquery) and any(map(is_aggregate, sources))


@pytest.mark.parametrize("aggregates", [True, False])
@drawn
@given(values=st.lists(st.tuples(specimens, parts), min_size=1, max_size=8))
def test_expressions_print_as_in_python(aggregates, values, db):
    create(values)
    columns = [
        Column(expression, label=name, name=re.sub(r"\W", "_", name))
        for name, expression in EXPRESSIONS.items()
        if is_aggregate(expression) == aggregates
    ]
    report = Report(Specimen.objects.order_by("pk"), [*columns, "pk"])
    ways = report.explain().columns
    assert [label for label, way in ways if way != "printed by the database"] == []
    for options in (TextOptions(), TextOptions(escape_formulas=False)):
        expected = as_python_prints(report, options)
        for row, expected_row in zip(as_read(report, options), expected, strict=True):
            assert dict(zip(ways, row, strict=True)) == dict(zip(ways, expected_row, strict=True))
    expected = as_python_prints(report, TextOptions())
    assert copy_of(report, CsvFormat()) == file_of(report, CsvFormat(), expected)


@pytest.mark.parametrize("name", ["ExtractYear", "TruncDate", "TruncMonth of dates"])
@drawn
@given(values=st.lists(st.tuples(specimens, st.just([])), min_size=1, max_size=5))
def test_local_date_prints_as_in_python(name, values, db):
    create(values)
    report = Report(Specimen.objects.order_by("pk"), [Column(EXPRESSIONS[name], "it"), "pk"])
    with timezone.override("America/Sao_Paulo"):
        assert report.explain().columns[0][1] == "printed by the database"
        assert as_read(report, TextOptions()) == as_python_prints(report, TextOptions())


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (f.TruncMonth("datetime"), "gives another type than DateTimeField"),
        (f.TruncMonth("datetime", tzinfo=datetime.UTC), "no rule for TruncMonth() in a time zone"),
        (ExpressionWrapper(F("char"), models.IntegerField()), "gives another type"),
        (f.Now(), "no rule for Now()"),
        (f.Upper("char", function="LOWER"), "no rule for Upper()"),
        (F("integer") ** 2, "no rule for the operator ^ of integers"),
        (Value(1.5), "no rule for a constant of float"),
        (Case(When(boolean=True, then=F("char")), output_field=models.DateField()), "another type"),
        (f.Coalesce("integer", f.Length("char"), output_field=models.CharField()), "another type"),
    ],
    ids=str,
)
def test_expression_of_uncertain_type_is_printed_in_python(expression, reason, db):
    report = Report(Specimen.objects.all(), [Column(expression, "it")])
    with timezone.override("Europe/Berlin"):
        ((_, way),) = report.explain().columns
    assert way.startswith("printed in Python: ")
    assert reason in way


@pytest.mark.skipif(connection.vendor == "mysql", reason="It cannot evaluate a subquery once.")
def test_subquery_is_written_once(db):
    report = Report(Specimen.objects.all(), [Column(COMMON["Subquery"], "it")])
    assert str(report._reader(TextOptions()).query.records.query).count("tests_part") < 8
    report = Report(Specimen.objects.all(), [Column(F("char"), "it")])
    assert list(report.rows()) == []
