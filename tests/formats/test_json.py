"""JSON Lines, and JSON as one array, on every database."""

import json
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
from streamreports.formats.base import OutputColumn
from streamreports.formats.json import JsonFormat, JsonLinesFormat
from streamreports.reports import Report
from tests.factories import PartFactory, SpecimenFactory
from tests.models import Specimen

# COPY is used outside of transactions only.
pytestmark = pytest.mark.django_db(transaction=True)

FORMATS = [JsonLinesFormat(), JsonFormat()]
each_format = pytest.mark.parametrize("format", FORMATS, ids=["jsonl", "json"])
specimens = Specimen.objects.order_by("pk")


def file_of(*columns, format=FORMATS[0], queryset=specimens):
    """Return the file of a report, read by the database's own way."""
    return b"".join(Report(queryset, columns).stream(format))


def encoded(*rows, format=FORMATS[0], names=("a", "b")):
    """Return the file of rows of native values."""
    columns = [OutputColumn(name, f"Label {name}") for name in names]
    return b"".join(format.encode(columns, [rows] if rows else []))


# The file


def test_json_lines_is_an_object_a_line():
    assert encoded((1, "x"), (2, None)) == b'{"a":1,"b":"x"}\n{"a":2,"b":null}\n'


def test_json_is_an_array_with_an_object_a_line():
    assert encoded((1, "x"), (2, None), format=JsonFormat()) == (
        b'[{"a":1,"b":"x"},\n{"a":2,"b":null}]\n'
    )


def test_file_of_no_rows_is_empty_or_an_empty_array():
    assert file_of("integer", format=JsonLinesFormat()) == b""
    assert file_of("integer", format=JsonFormat()) == b"[]\n"


@each_format
def test_batches_are_joined_in_the_same_way_as_rows(format):
    columns = [OutputColumn("a", "A")]
    apart = b"".join(format.encode(columns, [[(1,)], [(2,), (3,)]]))
    assert apart == b"".join(format.encode(columns, [[(1,), (2,), (3,)]]))


@pytest.mark.parametrize(
    ("base", "line_end", "file"),
    [
        (JsonLinesFormat, "\r\n", b'{"a":1}\r\n{"a":2}\r\n'),
        (JsonFormat, ", ", b'[{"a":1}, {"a":2}]\n'),
    ],
)
def test_the_line_end_of_a_subclass_is_between_batches_too(base, line_end, file):
    variant = type("Variant", (base,), {"line_end": line_end})()
    assert b"".join(variant.encode([OutputColumn("a", "A")], [[(1,)], [(2,)]])) == file


def test_keys_are_the_names_of_the_columns():
    SpecimenFactory(integer=1, maker__name="Acme")
    columns = ["integer", "maker__name", Column("kind", label="Art", name="größe-1")]
    assert file_of(*columns).decode() == '{"integer":1,"maker__name":"Acme","größe-1":null}\n'


@each_format
def test_columns_need_names(format):
    column = Column(lambda specimen: 1, label="One")
    with pytest.raises(ColumnError, match="labelled 'One' has no name"):
        file_of(column, format=format)


def test_early_header_of_an_array_is_its_bracket():
    SpecimenFactory(integer=1)
    stream = Report(specimens, ["integer"]).stream(JsonFormat(), early_header=True)
    assert list(stream) == [b"[", b'{"integer":1}', b"]\n"]


@each_format
@pytest.mark.parametrize("columns", [["integer", "text"], ["integer", "text", "json"]])
def test_truncated_file_can_be_recognized(format, columns):
    Specimen.objects.bulk_create(Specimen(integer=n, text="x" * 500) for n in range(1000))
    stream = Report(specimens, columns).stream(format)
    blocks = list(stream)
    assert len(blocks) > 3
    assert stream.rows == 1000
    for number in range(1, len(blocks)):
        assert not b"".join(blocks[:number]).endswith((b"\n", b"]"))
    assert len(json.loads(b"".join(blocks).replace(b"}\n{", b"},{").join([b"[", b"]"]))) in (
        1,
        1000,
    )


@each_format
def test_content_type_has_no_charset(format):
    """RFC 8259 defines none: JSON is UTF-8."""
    assert format.get_content_type() in ("application/x-ndjson", "application/json")


# Columns


@each_format
def test_fields_are_written_as(format):
    specimen = SpecimenFactory(full=True, char="=1", decimal=Decimal("1.50"), maker__name="Acme")
    PartFactory(specimen=specimen, name='"p"', quantity=2)
    PartFactory(specimen=specimen, name=None, quantity=3)
    columns = [
        "integer", "boolean", "char", "text", "date", "datetime", "time", "duration", "decimal",
        "floating", "ip", "uuid", "json", "binary", "file", "kind", "get_kind_display",
        "maker__name", "maker__get_size_display", "parts__name", "parts__specimen__integer",
        Column("date", format="%d/%m", name="day"),
        Column("integer", format="=%d".__mod__, name="f"),
        Column(lambda specimen: {"a": (1, None)}, label="Python", name="python"),
    ]  # fmt: skip
    if connection.vendor == "mysql":
        columns.remove("uuid")
    data = file_of(*columns, format=format)
    (row,) = json.loads(data) if data.startswith(b"[") else [json.loads(data)]
    row.pop("uuid", None)
    assert row == {
        "integer": -7,
        "boolean": True,
        "char": "=1",
        "text": "two\nlines",
        "date": "2026-11-20",
        "datetime": "2026-11-20T12:30:00+00:00",
        "time": "09:30:00",
        "duration": "1 02:03:04",
        "decimal": "1.5000000000",
        "floating": 0.1,
        "ip": "2001:db8::1",
        "json": {"a": [1, None, "ü"]},
        "binary": "AP4=",
        "file": "reports/a.txt",
        "kind": "r",
        "get_kind_display": "Rare kind",
        "maker__name": "Acme",
        "maker__get_size_display": "Small works",
        "parts__name": ['"p"'],
        "parts__specimen__integer": [-7, -7],
        "day": "20/11",
        "f": "=-7",
        "python": {"a": [1, None]},
    }


@pytest.mark.parametrize("columns", [["char", "datetime"], ["char", "datetime", "floating"]])
def test_datetimes_are_in_the_current_time_zone(columns):
    SpecimenFactory(full=True, char="x")
    with timezone.override("America/Sao_Paulo"):
        row = json.loads(file_of(*columns))
    assert row["datetime"] == "2026-11-20T09:30:00-03:00"


@pytest.mark.parametrize("columns", [["char"], ["char", "binary"]])
def test_null_is_not_an_empty_text(columns):
    SpecimenFactory(char=None)
    SpecimenFactory(char="")
    rows = [json.loads(line) for line in file_of(*columns).splitlines()]
    assert [row["char"] for row in rows] == [None, ""]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL has arrays.")
def test_array_is_an_array_with_its_nulls():
    from tests.models import Shelf

    Shelf.objects.create(labels=["=a", '"'], counts=[[1, None], [2, 3]])
    assert file_of("labels", "counts", queryset=Shelf.objects.all()) == (
        b'{"labels":["=a","\\""],"counts":[[1,null],[2,3]]}\n'
    )


# How it is read


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL has COPY.")
@each_format
def test_database_writes_the_lines_if_it_can(format):
    SpecimenFactory(integer=1)
    report = Report(specimens, ["integer"])
    assert str(report.explain(format)) == (
        "Reads with COPY: the database prints every column.\n  Integer  printed by the database"
    )
    assert "to_json" in Report(specimens, ["char"]).sql(format)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL has COPY.")
def test_subclass_that_encodes_in_its_own_way_is_not_copied():
    class OwnFormat(JsonLinesFormat):
        def encode(self, columns, batches):
            yield from super().encode(columns, batches)
            yield b"{}\n"

    SpecimenFactory(integer=1)
    assert file_of("integer", format=OwnFormat()) == b'{"integer":1}\n{}\n'


def test_column_that_only_python_prints_is_named():
    explanation = Report(specimens, ["integer", "json"]).explain(JsonLinesFormat())
    reason = "the format wants native values"
    if connection.vendor == "postgresql":
        reason = "no rule for JSONField"
    assert explanation.reader == "native rows"
    assert explanation.columns[1] == ("Json", f"printed in Python: {reason}")
