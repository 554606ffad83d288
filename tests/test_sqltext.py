"""What the database prints is what Python prints, byte for byte, on the database under test."""

import datetime
import json
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.printings import Printing
from streamreports.readers import Reading
from streamreports.reports import Report
from streamreports.streams import Stream
from streamreports.text import TextStyle
from tests.models import Maker, Part, Specimen

pytestmark = pytest.mark.django_db

HOSTILE = [
    "", " ", "=", "=1+1", "'=1", "''''@x", "'", "'a", "+", "-1", "\t=", "\r", "\n", "\r\n", "a\rb", "a\nb",
    '"', '""', "a,b", "\\", "\\.", "\\N", "＝1", "＋", "－", "＠", "'＝", "ÿ", "中文", "😀", "\u202e=", "\ufeff", "\ufeff=",
    "%s", "%", "%%", "{x}", "NULL", "\x01null\x01", "\x7f", "\x1f", "a" * 5000, "A", "Z", "é=", "ﬀ", "\uffff",
]  # fmt: skip

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
ZONES = ["UTC", "America/Sao_Paulo", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Monrovia"]  # fmt: skip


def as_python_prints(report: Report, style: TextStyle) -> list[tuple[str, ...]]:
    """Return the rows of a report, printed by Python alone."""
    printings = {column: Printing(reason="to compare") for column in report.columns}
    reading = Reading(report._reader, style, printings)
    return [row for batch in reading.batches() for row in batch]


def as_read(report: Report, style: TextStyle) -> list[tuple[str, ...]]:
    return [row for batch in report.batches(style) for row in batch]


@pytest.mark.parametrize("escape", [True, False])
@pytest.mark.parametrize("field", FIELDS)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_field_prints_alike(field, escape, data, db):
    values = data.draw(st.lists(st.none() | FIELDS[field], min_size=1, max_size=30))
    zone = data.draw(st.sampled_from(ZONES if field == "datetime" else ZONES[:1]))
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(**{field: value}) for value in values])
    columns = [field]
    if field == "kind":
        columns.append("get_kind_display")
    report = Report(Specimen.objects.order_by("pk"), [*columns, "id"])
    style = TextStyle(escape_formulas=escape)
    with timezone.override(zone):
        expected = as_python_prints(report, style)
        assert as_read(report, style) == expected
        if connection.vendor == "postgresql":
            format = CsvFormat()
            format.escape_formulas = escape
            copied = b"".join(Stream(report, format))
            format.header = True
            reading = report.reading(format.style)
            labels = report.labels(format.style)
            assert copied == b"".join(format.encode(labels, reading.batches()))
