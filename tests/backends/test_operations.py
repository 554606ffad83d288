"""What the database prints is what Python prints, byte for byte, on the database under test."""

import csv
import datetime
import os
from decimal import Decimal

import pytest
from django.db import connection, models
from django.db.models import Case, Count, ExpressionWrapper, F, Value, When
from django.db.models.functions import Coalesce, Upper
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from streamreports.reading.planner import ColumnPlan
from streamreports.reading.rows import OPEN_TRANSACTION, RowReader
from streamreports.reports import Report
from streamreports.values import TextOptions
from streamreports.writing.batches import BatchSizer
from streamreports.writing.blocks import copied_lines
from tests.models import Maker, Part, Specimen

pytestmark = pytest.mark.django_db

# fmt: off
HOSTILE = [
    "", " ", "=", "=1+1", "'=1", "''''@x", "'", "'a", "+", "-1", "\t=", "\r", "\n", "\r\n",
    "a\rb", "a\nb", '"', '""', "a,b", "\\", "\\.", "\\N", "＝1", "＋", "－", "＠", "'＝", "ÿ", "文",
    "😀", "\u202e=", "\ufeff", "\ufeff=", "%s", "%", "%%", "{x}", "NULL", "\x01null\x01", "\x7f",
    "\x1f", "a" * 5000, "A", "Z", "é=", "ﬀ", "\uffff",
]
ZONES = [
    "UTC", "America/Sao_Paulo", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Africa/Monrovia",
]
# fmt: on

NO_NUL = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
TEXTS = st.sampled_from(HOSTILE) | st.text(NO_NUL, max_size=20)
SECONDS = st.datetimes().map(lambda value: value.replace(microsecond=0))
DATETIMES = (
    st.sampled_from(
        [
            datetime.datetime.min,
            datetime.datetime.max,
            datetime.datetime(1, 1, 1, 5),
            datetime.datetime(9999, 12, 31, 23, 30),
            datetime.datetime(999, 5, 5, 5, 5, 5, 500000),
            datetime.datetime(1900, 1, 1, 0, 0, 1),
            datetime.datetime(2026, 3, 29, 1, 0),
            datetime.datetime(2026, 3, 29, 0, 59, 59, 999999),
            datetime.datetime(2026, 10, 25, 0, 30),
            datetime.datetime(2026, 10, 25, 1, 30),
            datetime.datetime(2026, 11, 20, 12, 30, 0, 120000),
        ]
    )
    | st.datetimes()
    | SECONDS
)


def aware(value: datetime.datetime) -> datetime.datetime:
    return value.replace(tzinfo=datetime.UTC)


MYSQL = connection.vendor == "mysql"
OLDEST = datetime.datetime(1000, 1, 1) if MYSQL else datetime.datetime.min

# For each field, what it may hold.
FIELDS = {
    "big": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "char": TEXTS.map(lambda text: text[:200]),
    "date": st.dates(min_value=OLDEST.date()),
    "datetime": DATETIMES.filter(lambda value: value >= OLDEST).map(aware),
    "decimal": st.decimals(-(10**15), 10**15, places=10, allow_nan=False),
    "short_decimal": st.decimals(-(10**8), 10**8, places=2, allow_nan=False).filter(
        lambda value: abs(value) < 10**8
    ),
    "duration": st.timedeltas(datetime.timedelta(days=-(10**6)), datetime.timedelta(days=10**6)),
    "email": TEXTS.map(lambda text: text[:200]),
    "file": TEXTS.map(lambda text: text[:90]),
    "floating": st.floats(allow_nan=not MYSQL, allow_infinity=not MYSQL)
    if connection.vendor != "sqlite"
    else st.floats(allow_nan=False),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "ip": st.ip_addresses().map(str),
    "json": st.recursive(
        st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(NO_NUL),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(NO_NUL), inner),
        max_leaves=5,
    ),
    "kind": st.sampled_from(["r", "c", "R", "zzz", "=x", ""]),
    "slug": TEXTS.map(lambda text: text[:50]),
    "text": TEXTS,
    "time": st.times(),
    "url": TEXTS.map(lambda text: text[:200]),
    "uuid": st.uuids(version=4),  # MariaDB takes no others.
    "binary": st.binary(max_size=20),
}


def as_python_prints(report: Report, style: TextOptions) -> list[tuple[str, ...]]:
    """Return the rows of a report, printed by Python alone."""
    printings = {column: ColumnPlan(reason="to compare") for column in report.columns}
    reading = RowReader(report.queryset, report.columns, style, 2000, plans=printings)
    return [row for batch in reading.batches() for row in batch]


def as_read(report: Report, style: TextOptions) -> list[tuple[str, ...]]:
    return [row for batch in report._reader(style).batches() for row in batch]


def file_of(report: Report, format: CsvFormat, rows: list[tuple[str, ...]]) -> bytes:
    """Return the file that Python writes of some rows."""
    _, columns = report.open(format)
    return b"".join(format.encode(columns, [rows] if rows else []))


def copy_of(report: Report, file_format: Format) -> bytes:
    """Return the file that COPY writes, or the stream's own where there is no COPY."""
    stream = report.stream(file_format)
    reading, columns = report.open(file_format, as_lines=False)
    options = file_format.get_copy_options()
    if options is None or reading.why_not_copy() != OPEN_TRANSACTION:
        return b"".join(stream)
    return b"".join(stream._with_lines(columns, copied_lines(BatchSizer(reading), options)))


drawn = settings(
    max_examples=int(os.environ.get("PRINTING_EXAMPLES", "12")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("escape", [True, False])
@pytest.mark.parametrize("field", FIELDS)
@drawn
@given(data=st.data())
def test_a_field_prints_alike(field, escape, data, db):
    values = data.draw(st.lists(st.none() | FIELDS[field], min_size=1, max_size=30))
    zone = data.draw(st.sampled_from(ZONES if field == "datetime" else ZONES[:1]))
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(**{field: value}) for value in values])
    columns = [field, "get_kind_display"] if field == "kind" else [field]
    report = Report(Specimen.objects.order_by("pk"), [*columns, "id"])
    with timezone.override(zone):
        expected = as_python_prints(report, TextOptions(escape_formulas=escape))
        assert as_read(report, TextOptions(escape_formulas=escape)) == expected
        csv_format = variant(escape_formulas=escape)
        assert b"".join(report.stream(csv_format)) == file_of(report, csv_format, expected)
        assert copy_of(report, csv_format) == file_of(report, csv_format, expected)


@pytest.mark.parametrize(
    "attributes",
    [
        {"quoting": csv.QUOTE_ALL},
        {"delimiter": ";"},
        {"delimiter": "\t"},
        {"delimiter": "%"},
        {"delimiter": "'"},
        {"delimiter": " "},
        {"line_terminator": "\n"},
        {"line_terminator": "\r"},
        {"bom": True},
        {"header": False},
        {"encoding": "utf-16"},
        {"encoding": "latin-1"},
    ],
    ids=repr,
)
@drawn
@given(texts=st.lists(st.none() | TEXTS, min_size=1, max_size=20))
def test_a_format_writes_alike_whoever_reads(attributes, texts, db):
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(text=text, char=(text or "")[:99]) for text in texts])
    csv_format = variant(**attributes)
    for columns in (["text", "char"], ["char", "integer", "text"], ["text"]):
        report = Report(Specimen.objects.order_by("pk"), columns)
        expected = as_python_prints(report, csv_format.options)
        assert b"".join(report.stream(csv_format)) == file_of(report, csv_format, expected)
        assert copy_of(report, csv_format) == file_of(report, csv_format, expected)


@drawn
@given(names=st.lists(st.lists(st.none() | TEXTS.map(lambda text: text[:50]), max_size=4)))
def test_values_of_many_are_joined_alike(names, db):
    Specimen.objects.all().delete()
    for of_one in names[:5]:
        specimen = Specimen.objects.create()
        Part.objects.bulk_create([Part(specimen=specimen, name=name) for name in of_one])
    columns = ["parts__name", "parts__quantity", Column("parts", separator=""), "id"]
    report = Report(Specimen.objects.order_by("pk"), columns)
    for style in (TextOptions(), TextOptions(escape_formulas=False)):
        assert as_read(report, style) == as_python_prints(report, style)


def test_expressions_print_alike(db):
    maker = Maker.objects.create(name="=m", size=1)
    Specimen.objects.create(integer=-5, big=7, decimal=Decimal("1.5"), char="=c", maker=maker)
    Specimen.objects.create()
    queryset = Specimen.objects.annotate(
        twice=F("integer") * 2, upper=Upper("char"), either=Coalesce("char", Value("+none"))
    ).order_by("pk")
    columns = [
        "twice",
        "upper",
        "either",
        "maker__name",
        "maker__get_size_display",
        Column(F("decimal") * F("decimal"), label="square"),
        Column(Case(When(integer__lt=0, then=Value("-")), default=F("char")), label="case"),
        Column(Count("parts")),
        Column(F("integer") - F("big"), label="minus"),
    ]
    report = Report(queryset, columns)
    assert as_read(report, TextOptions()) == as_python_prints(report, TextOptions())


def test_a_decimal_comma_is_printed_alike(db):
    Specimen.objects.create(decimal=Decimal("-1.5"), floating=2.25)
    report = Report(Specimen.objects.all(), ["decimal", "short_decimal", "floating"])
    style = TextOptions(decimal_separator=",")
    assert as_read(report, style) == as_python_prints(report, style)
    assert as_read(report, style) == [("-1,5000000000", "", "2,25")]


class Upside(models.CharField):
    """A field that converts what the database gives."""

    def from_db_value(self, value, expression, connection):
        return value and value[::-1]


def test_a_field_of_an_unknown_class_is_printed_in_python(db):
    Specimen.objects.create(char="abc")
    queryset = Specimen.objects.annotate(down=ExpressionWrapper(F("char"), output_field=Upside()))
    report = Report(queryset, ["down"])
    assert list(report.rows()) == [("cba",)]
    assert "printed in Python: no rule for tests.backends.test_operations.Upside" in str(
        report.explain()
    )


REASONS = {
    "integer": "",
    "char": "",
    "boolean": "",
    "date": "",
    "datetime": "",
    "duration": "",
    "ip": "",
    "maker": "",
    "short_decimal": "",
    "time": "",
    "uuid": "",
    "parts__name": "MySQL truncates long joined texts" if MYSQL else "",
    "get_kind_display": "MySQL does not distinguish case" if MYSQL else "",
    "decimal": "SQLite prints DecimalField differently" if connection.vendor == "sqlite" else "",
    "floating": "{database} prints FloatField differently",
    "json": "no rule for JSONField",
    "binary": "no rule for BinaryField",
}


@pytest.mark.parametrize(("source", "reason"), REASONS.items())
def test_who_prints_a_column_is_told(source, reason, db):
    report = Report(Specimen.objects.all(), [source, "id"])
    ((_, way), _) = report.explain().columns
    reason = reason.replace("{database}", connection.display_name)
    assert way == (f"printed in Python: {reason}" if reason else "printed by the database")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Others have no COPY.")
@pytest.mark.django_db(transaction=True)
def test_postgresql_copies_and_leaves_the_connection_usable():
    Specimen.objects.bulk_create([Specimen(char="a,b") for _ in range(20_000)])
    report = Report(Specimen.objects.order_by("pk"), ["integer", "char"])
    assert str(report.explain()).startswith("Reads with COPY: the database prints every column.")
    with CaptureQueriesContext(connection) as queries:
        assert len(b"".join(report.stream(CsvFormat()))) == 14 + 20_000 * 8
    assert [query["sql"][:12] for query in queries if "COPY" in query["sql"]] == ["COPY (SELECT"]
    stream = report.stream(CsvFormat())
    next(stream)
    stream.close()
    assert Specimen.objects.count() == 20_000


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Others have no COPY.")
def test_a_report_that_is_open_holds_up_no_query_of_its_transaction(db):
    Specimen.objects.bulk_create([Specimen(char="x") for _ in range(3000)])
    stream = Report(Specimen.objects.all(), ["id", "char"]).stream(CsvFormat())
    next(stream)
    assert Specimen.objects.count() == 3000
    stream.close()


def test_a_column_with_a_format_is_printed_in_python(db):
    report = Report(Specimen.objects.all(), [Column("integer", format="05d"), "id"])
    assert "printed in Python: it has a format of its own" in str(report.explain())


def test_a_distinct_queryset_is_printed_in_python(db):
    report = Report(Specimen.objects.distinct(), ["char"])
    assert "printed in Python: the queryset is distinct" in str(report.explain())


def variant(**attributes) -> CsvFormat:
    return type("Variant", (CsvFormat,), attributes)()
