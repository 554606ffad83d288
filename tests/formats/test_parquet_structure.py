"""The structure of Parquet files: metadata, row groups, what is sent when."""

import io
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamreports.columns import Column
from streamreports.exceptions import ReportError
from streamreports.formats.base import OutputColumn
from streamreports.formats.parquet import ParquetFormat, format, groups
from streamreports.reports import Report
from tests.formats.parquet_files import opened, table_of, types_of, variant, written
from tests.models import Specimen

specimens = Specimen.objects.order_by("pk")


@pytest.mark.django_db
def test_metadata_are_the_title_and_the_labels():
    table = table_of(specimens, Column("integer", label="Größe <b>"))
    assert table.schema.metadata == {b"title": b"Specimens"}
    assert table.schema.field("integer").metadata[b"label"] == "Größe <b>".encode()


@pytest.mark.django_db
def test_title_of_the_format_is_kept():
    table = table_of(specimens, "integer", format=variant(title="Cargo 2026"))
    assert table.schema.metadata == {b"title": b"Cargo 2026"}


@pytest.mark.django_db
def test_file_without_rows_has_the_schema():
    table = table_of(specimens.none(), "integer", "parts__name")
    assert (table.num_rows, types_of(table)) == (
        0,
        {"integer": "int64", "parts__name": "list<element: string>"},
    )


def groups_of(data):
    metadata = opened_file(data).metadata
    return [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]


def opened_file(data):
    return pq.ParquetFile(io.BytesIO(data))


def test_row_group_ends_at_max_rows():
    data = written(range(7), None, format=variant(max_rows=4))
    assert groups_of(data) == [4, 3]
    assert opened(data)["a"].to_pylist() == list("0123456")


def test_row_group_ends_at_max_bytes():
    data = written(["x" * 100] * 10, None, format=variant(max_bytes=500))
    assert groups_of(data) == [6, 4]


def test_row_group_ends_if_rows_are_slow(monkeypatch):
    monkeypatch.setattr(groups, "LATE_SECONDS", -1)
    assert groups_of(written(range(3), None)) == [2, 1]


@pytest.mark.parametrize("codec", ["zstd", "snappy", "gzip", "brotli", "lz4", "none"])
def test_data_are_compressed(codec):
    data = written(["text"] * 100, None, format=variant(compression=codec))
    chunk = opened_file(data).metadata.row_group(0).column(0)
    assert chunk.compression.lower() == {"none": "uncompressed"}.get(codec, codec)
    assert opened(data)["a"].to_pylist() == ["text"] * 100


@pytest.mark.parametrize("missing", [1, 8, 100])
def test_truncated_file_does_not_open(missing):
    data = written(range(100), None)[:-missing]
    with pytest.raises(pa.ArrowInvalid):
        opened(data)


def test_file_has_no_footer_if_reading_fails():
    def batches():
        yield [(1,)] * 10
        raise RuntimeError

    pieces = []
    format = variant(max_rows=5)
    with pytest.raises(RuntimeError):
        pieces.extend(format.encode([OutputColumn("a", "A")], batches()))
    data = b"".join(pieces)
    assert data.startswith(b"PAR1")
    assert not data.endswith(b"PAR1")


@pytest.mark.django_db
def test_first_bytes_are_sent_with_the_first_rows():
    Specimen.objects.bulk_create([Specimen(integer=number) for number in range(3000)])
    stream = Report(specimens, ["integer"]).stream(ParquetFormat())
    assert next(stream) == b"PAR1"
    assert stream.rows == 100
    stream.close()


@pytest.mark.parametrize(
    ("attributes", "problem", "hint"),
    [
        ({"max_rows": 0}, "Variant.max_rows is 0.", "Use a positive integer."),
        ({"max_bytes": "1 MB"}, "Variant.max_bytes is '1 MB'.", "Use a positive integer."),
        (
            {"compression": True},
            "Variant.compression is True.",
            "Use one of 'zstd', 'snappy', 'gzip', 'brotli', 'lz4', 'none'.",
        ),
        (
            {"output_fields": {"a": "int64"}},
            "Variant.output_fields['a'] is 'int64', which is not a field.",
            "Give a model field of Django, such as FloatField().",
        ),
    ],
    ids=str,
)
def test_attributes_are_validated(attributes, problem, hint):
    with pytest.raises(ReportError) as caught:
        variant(**attributes).validate()
    assert (caught.value.problem, caught.value.hint) == (problem, hint)


def test_missing_pyarrow_is_reported_with_the_extra(monkeypatch):
    monkeypatch.setattr(format, "find_spec", lambda name: None)
    with pytest.raises(ReportError) as caught:
        ParquetFormat().validate()
    assert caught.value.hint == (
        'Install the extra "parquet": pip install "django-streamreports[parquet]".'
    )


def test_pyarrow_is_imported_when_a_file_is_made():
    code = (
        "import sys; from streamreports.formats.parquet import ParquetFormat;"
        " ParquetFormat().validate(); print('pyarrow' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False\n"


@pytest.mark.parametrize("width", [10, 1000])
def test_memory_does_not_grow_with_the_rows(width):
    """In a process of its own, whose peak counts what C code allocates as well."""
    result = subprocess.run(
        [sys.executable, "-c", MEMORY, str(width)], capture_output=True, text=True, check=True
    )
    few, many = map(int, result.stdout.split())
    assert many - few < 10_000  # kB


MEMORY = """
import datetime, decimal, resource, sys
from django.conf import settings
settings.configure(USE_TZ=False)
from django.db.models import DateTimeField, DecimalField, IntegerField, TextField
from streamreports.formats.base import OutputColumn
from streamreports.formats.parquet import ParquetFormat

width = int(sys.argv[1])
fields = [
    IntegerField(), DateTimeField(), DecimalField(max_digits=10, decimal_places=2), TextField()
]
columns = [OutputColumn(f"c{number}", "", field) for number, field in enumerate(fields)]
for rows in (10_000, 20_000_000 // (width + 40)):
    values = (datetime.datetime(2026, 11, 20), decimal.Decimal("1.5"))
    batches = (
        [(first + n, *values, f"{first + n:0{width}}") for n in range(64_000 // width)]
        for first in range(0, rows, 64_000 // width)
    )
    for piece in ParquetFormat().encode(columns, batches):
        pass
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
