"""Formats as users of the app write them, on every database."""

import csv
import gzip
import inspect
import io
import json
import textwrap
import zlib
from decimal import Decimal
from itertools import count

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from tests.factories import PartFactory, SpecimenFactory
from tests.models import Specimen

# COPY is used outside of transactions only.
pytestmark = pytest.mark.django_db(transaction=True)

specimens = Specimen.objects.order_by("pk")


class GzipCsvFormat(CsvFormat):
    name = "csv-gz"
    extension = "csv.gz"
    content_type = "application/gzip"

    def encode(self, columns, batches):
        compressor = zlib.compressobj(wbits=31)
        for piece in super().encode(columns, batches):
            yield compressor.compress(piece)
        yield compressor.flush()


class NumberedCsvFormat(CsvFormat):
    name = "numbered-csv"

    def encode(self, columns, batches):
        numbers = count(1)
        numbered = ([(str(next(numbers)), *row) for row in rows] for rows in batches)
        return super().encode([type(columns[0])("number", "No."), *columns], numbered)


class FooterCsvFormat(CsvFormat):
    name = "footer-csv"

    def encode(self, columns, batches):
        yield from super().encode(columns, batches)
        yield b"Confidential\r\n"


class ShoutingCsvFormat(CsvFormat):
    """A format that overrides only what encode() calls."""

    name = "shouting-csv"

    def _lines(self, rows, delimiter):
        return [line.upper() for line in super()._lines(rows, delimiter)]


class JsonLinesFormat(Format):
    name = extension = "jsonl"
    content_type = "application/x-ndjson"
    wants = "native"
    needs_names = True

    def encode(self, columns, batches):
        names = [column.name for column in columns]
        encode = DjangoJSONEncoder(ensure_ascii=False).encode
        for rows in batches:
            lines = [encode(dict(zip(names, row, strict=True))) for row in rows]
            yield "".join(f"{line}\n" for line in lines).encode()


class WorkbookFormat(Format):
    """A format that writes nothing until it has all rows."""

    name = extension = "book"
    content_type = "application/octet-stream"

    def encode(self, columns, batches):
        yield b"".join("|".join(row).encode() for rows in batches for row in rows)


def with_specimens(number, **fields):
    Specimen.objects.bulk_create([Specimen(char="x", integer=1, **fields) for _ in range(number)])


def stream_of(format, *columns, queryset=specimens):
    return Report(queryset, columns or ["char", "integer"]).stream(format)


def test_footer_stands_once_and_at_the_end():
    with_specimens(3)
    stream = stream_of(FooterCsvFormat())
    assert b"".join(stream) == b"Char,Integer\r\nx,1\r\nx,1\r\nx,1\r\nConfidential\r\n"
    assert stream.rows == 3


def test_lines_are_numbered():
    with_specimens(2)
    assert b"".join(stream_of(NumberedCsvFormat())) == b"No.,Char,Integer\r\n1,x,1\r\n2,x,1\r\n"


def test_method_that_encode_calls_can_be_overridden():
    with_specimens(1)
    assert b"".join(stream_of(ShoutingCsvFormat())) == b"CHAR,INTEGER\r\nX,1\r\n"


@pytest.mark.parametrize(
    "format", [FooterCsvFormat, NumberedCsvFormat, GzipCsvFormat, ShoutingCsvFormat]
)
def test_format_that_encodes_in_its_own_way_is_not_copied(format):
    with_specimens(1)
    with CaptureQueriesContext(connection) as queries:
        list(stream_of(format()))
    assert not [query for query in queries if query["sql"].startswith("COPY")]
    assert Report(specimens, ["char", "integer"]).explain(format()).reader == "text rows"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL has COPY.")
def test_variant_by_attributes_is_copied_with_its_line_end():
    class SemicolonFormat(CsvFormat):
        delimiter = ";"
        line_terminator = "\n"

    with_specimens(2)
    with CaptureQueriesContext(connection) as queries:
        assert b"".join(stream_of(SemicolonFormat())) == b"Char;Integer\nx;1\nx;1\n"
    assert [query for query in queries if query["sql"].startswith("COPY")]


@pytest.mark.parametrize("delimiter", ["0", "a", "f"])
def test_delimiter_that_copy_refuses_is_written_all_the_same(delimiter):
    """The text that stands for null in COPY has such characters."""
    with_specimens(1)
    format = type("Variant", (CsvFormat,), {"delimiter": delimiter})()
    data = b"".join(stream_of(format)).decode()
    assert list(csv.reader(io.StringIO(data), delimiter=delimiter))[1] == ["x", "1"]


# Formats that buffer


def test_rows_of_a_compressed_file_are_counted():
    with_specimens(5000)
    stream = stream_of(GzipCsvFormat())
    data = b"".join(stream)
    assert gzip.decompress(data) == b"Char,Integer\r\n" + b"x,1\r\n" * 5000
    assert (stream.rows, stream.bytes) == (5000, len(data))


def test_rows_of_a_file_that_is_written_in_the_end_are_counted():
    with_specimens(250)
    stream = stream_of(WorkbookFormat())
    assert list(stream) == [b"x|1" * 250]
    assert stream.rows == 250


def test_compressed_file_has_no_empty_blocks():
    """A chunk of no bytes would end a chunked response."""
    with_specimens(5000)
    assert all(stream_of(GzipCsvFormat()))


def test_format_that_buffers_is_given_as_many_rows_at_a_time_as_others():
    sizes = []

    class Format(GzipCsvFormat):
        def encode(self, columns, batches):
            def counted():
                for rows in batches:
                    sizes.append(len(rows))
                    yield rows

            yield from super().encode(columns, counted())

    with_specimens(5000)
    list(stream_of(Format()))
    assert sum(sizes) == 5000
    assert sizes[0] <= 100
    assert min(sizes[1:-1]) >= 1000


# Native values


def test_native_format_without_nesting_is_given_lists_as_text():
    SpecimenFactory(json=[1, "b"])
    assert b"".join(stream_of(JsonLinesFormat(), "json")) == b'{"json": "[1, \\"b\\"]"}\n'


def test_native_format_is_given_values():
    SpecimenFactory(full=True, char="=1", decimal=Decimal("1.50"), floating=0.5, maker__name="Acme")
    columns = ["integer", "char", "decimal", "floating", "boolean", "date", "maker__name"]
    (line,) = b"".join(stream_of(JsonLinesFormat(), *columns)).decode().splitlines()
    assert json.loads(line) == {
        "integer": -7,
        "char": "=1",
        "decimal": "1.5000000000",
        "floating": 0.5,
        "boolean": True,
        "date": "2026-11-20",
        "maker__name": "Acme",
    }


def test_native_format_is_given_none():
    SpecimenFactory(maker=None, integer=None)
    data = b"".join(stream_of(JsonLinesFormat(), "integer", "maker__name", "json"))
    assert data == b'{"integer": null, "maker__name": null, "json": null}\n'


def test_native_datetimes_are_in_the_current_time_zone():
    SpecimenFactory(full=True)
    with timezone.override("America/Sao_Paulo"):
        data = b"".join(stream_of(JsonLinesFormat(), "datetime"))
    assert data == b'{"datetime": "2026-11-20T09:30:00-03:00"}\n'


def test_native_format_is_given_python_columns_and_lists_as_text():
    specimen = SpecimenFactory(char="a", integer=2)
    PartFactory.create_batch(2, specimen=specimen, name="p")
    columns = [Column(lambda s: s.integer * 2, label="Double", name="double"), "parts__name"]
    assert b"".join(stream_of(JsonLinesFormat(), *columns)) == (
        b'{"double": 4, "parts__name": "p, p"}\n'
    )


def test_rows_of_native_values_are_counted_and_in_batches():
    with_specimens(3000)
    stream = stream_of(JsonLinesFormat(), "integer", "char")
    assert b"".join(stream) == b'{"integer": 1, "char": "x"}\n' * 3000
    assert stream.rows == 3000


def test_native_format_is_explained():
    explanation = Report(specimens, ["integer", "char"]).explain(JsonLinesFormat())
    assert explanation.reader == "native rows"
    assert dict(explanation.columns) == {
        "Integer": "printed in Python: the format wants native values",
        "Char": "printed in Python: the format wants native values",
    }


def test_example_of_the_documentation_works():
    """It stands in the docstring of Format."""
    example = inspect.getdoc(Format).partition("::\n")[2].partition("``name``")[0]
    source = textwrap.dedent(example)
    namespace = {"Format": Format}
    exec(source, namespace)
    SpecimenFactory(integer=1, char="a|b")
    stream = stream_of(namespace["MarkdownFormat"](), "integer", "char")
    assert b"".join(stream) == b"| Integer | Char |\n| --- | --- |\n| 1 | a\\|b |\n"


@pytest.mark.parametrize(
    ("columns", "problem", "hint"),
    [
        (
            ["integer", Column(lambda specimen: 1, label="One")],
            "The column labelled 'One' has no name, and JsonLinesFormat needs one.",
            'Give it one: Column(..., name="...").',
        ),
        (
            ["integer", Column("char", name="integer")],
            "Several columns have the name 'integer', and JsonLinesFormat needs different ones.",
            'Give each a unique name: Column(..., name="...").',
        ),
    ],
    ids=["missing", "twice"],
)
def test_format_that_needs_names_refuses_columns_without(columns, problem, hint):
    with pytest.raises(ColumnError) as caught:
        stream_of(JsonLinesFormat(), *columns)
    assert (caught.value.problem, caught.value.hint) == (problem, hint)
    list(stream_of(CsvFormat(), *columns))


# What a format knows of its columns


class Spy(Format):
    name = extension = "spy"
    content_type = "text/plain"

    def encode(self, columns, batches):
        self.columns = columns
        yield from ()


def columns_seen(*columns, wants="text"):
    format = type("Spy", (Spy,), {"wants": wants})()
    list(stream_of(format, *columns))
    return format.columns


def test_columns_have_names_and_labels():
    columns = columns_seen("integer", Column("maker__name", label="=Maker", name="maker"))
    assert [(column.name, column.label) for column in columns] == [
        ("integer", "Integer"),
        ("maker", "'=Maker"),
    ]


def test_labels_of_a_native_format_are_not_escaped():
    (column,) = columns_seen(Column("integer", label="=1"), wants="native")
    assert column.label == "=1"


def test_columns_have_the_field_of_their_values():
    columns = columns_seen("integer", "maker__name", Column(Upper("char"), label="Upper"), "maker")
    assert [type(column.field) for column in columns] == [
        models.IntegerField,
        models.CharField,
        models.CharField,
        models.BigAutoField,
    ]


@pytest.mark.parametrize(
    "column",
    [
        Column(lambda specimen: 1, label="Python"),
        Column("integer", format="05d"),
        "get_kind_display",
        "parts__name",
        "__str__",
    ],
    ids=["callable", "format", "choices", "to-many", "method"],
)
def test_columns_that_print_other_values_have_no_field(column):
    (seen,) = columns_seen(column)
    assert seen.field is None
