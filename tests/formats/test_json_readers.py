"""JSON is read back as it was stored, by programs that the project did not write."""

import datetime
import io
import json
from decimal import Decimal

import duckdb
import jq
import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamreports.formats.json import JsonFormat, JsonLinesFormat
from streamreports.reports import Report
from tests.factories import PartFactory, SpecimenFactory
from tests.models import Specimen
from tests.strategies import storable_text

# COPY is used outside of transactions only.
pytestmark = pytest.mark.django_db(transaction=True)

FORMATS = [JsonLinesFormat, JsonFormat]
each_format = pytest.mark.parametrize("format", FORMATS)
# With COPY where there is one, and without it.
each_way = pytest.mark.parametrize("others", [[], ["json"]], ids=["lines", "values"])

texts = storable_text.filter(lambda text: "\r" not in text)  # MariaDB and SQLite store it, too.


def file_of(format, *columns):
    return b"".join(Report(Specimen.objects.order_by("pk"), columns).stream(format()))


def read_by_json(data, format):
    if format is JsonFormat:
        return json.loads(data)
    return [json.loads(line) for line in data.decode().split("\n")[:-1]]


def read_by_jq(data, format):
    program = ".[]" if format is JsonFormat else "."
    return jq.compile(program).input_text(data.decode()).all()


def read_by_pandas(data, format):
    frame = pandas.read_json(io.BytesIO(data), lines=format is JsonLinesFormat, dtype=False)
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


@pytest.fixture
def read_by_duckdb(tmp_path):
    def read(data, format):
        path = tmp_path / f"file.{format.extension}"
        path.write_bytes(data)
        layout = "array" if format is JsonFormat else "newline_delimited"
        relation = duckdb.sql(f"SELECT * FROM read_json('{path}', format='{layout}')")
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]

    return read


@each_format
@each_way
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.lists(st.none() | storable_text, min_size=1, max_size=5))
def test_texts_are_read_back(values, format, others):
    Specimen.objects.all().delete()
    Specimen.objects.bulk_create([Specimen(text=value, integer=1) for value in values])
    data = file_of(format, "text", "integer", *others)
    expected = list(Specimen.objects.order_by("pk").values("text", "integer", *others))
    assert read_by_json(data, format) == expected
    assert read_by_jq(data, format) == expected
    assert read_by_pandas(data, format) == expected


@each_format
@each_way
def test_duckdb_reads_texts(format, others, read_by_duckdb):
    values = ["=1+1", 'a"b\\c', "a\nb\r\n\t", "ü文😀\u2028\u202e", "", None, "null", "\x1f\x7f"]
    Specimen.objects.bulk_create([Specimen(text=value) for value in values])
    rows = read_by_duckdb(file_of(format, "text", *others), format)
    assert [row["text"] for row in rows] == values


@each_format
@each_way
def test_duckdb_finds_the_types(format, others, read_by_duckdb):
    specimen = SpecimenFactory(full=True, decimal=Decimal("0.10"), maker__name="Acme")
    PartFactory(specimen=specimen, quantity=2)
    SpecimenFactory(maker=None)
    columns = ["big", "boolean", "date", "datetime", "decimal", "maker__name", "parts__quantity"]
    first, second = read_by_duckdb(file_of(format, *columns, *others), format)
    for other in others:
        del first[other], second[other]
    assert first == {
        "big": 2**63 - 1,
        "boolean": True,
        "date": datetime.date(2026, 11, 20),
        "datetime": first["datetime"],
        "decimal": "0.1000000000",
        "maker__name": "Acme",
        "parts__quantity": [2],
    }
    assert str(first["datetime"]).startswith("2026-11-20 12:30:00")
    assert second == {**dict.fromkeys(first), "parts__quantity": []}


@each_format
def test_pandas_reads_numbers_and_dates(format):
    SpecimenFactory(full=True)
    SpecimenFactory()
    data = file_of(format, "integer", "floating", "boolean", "datetime", "decimal")
    first, second = read_by_pandas(data, format)
    assert (first["integer"], first["floating"], first["boolean"]) == (-7, 0.1, True)
    assert pandas.to_datetime(first["datetime"]) == pandas.Timestamp("2026-11-20 12:30:00+00:00")
    assert Decimal(first["decimal"]) == Specimen.objects.first().decimal
    assert second == dict.fromkeys(first)


# Truncated files


@pytest.mark.parametrize("size", [2, 5, 50])
@pytest.mark.parametrize("read", [read_by_json, read_by_jq, read_by_pandas])
def test_readers_notice_a_truncated_array(read, size):
    SpecimenFactory.create_batch(5, text="x")
    data = file_of(JsonFormat, "text", "integer")
    assert len(read(data, JsonFormat)) == 5
    with pytest.raises(ValueError):
        read(data[:-size], JsonFormat)


def test_duckdb_notices_a_truncated_array(read_by_duckdb):
    SpecimenFactory.create_batch(5, text="x")
    data = file_of(JsonFormat, "text", "integer")
    with pytest.raises(duckdb.Error):
        read_by_duckdb(data[:-2], JsonFormat)


def test_truncated_lines_are_read_up_to_the_last_whole_line():
    """So the line end at the end is what shows that nothing is missing."""
    SpecimenFactory.create_batch(3, integer=1)
    data = file_of(JsonLinesFormat, "integer")
    assert data == b'{"integer":1}\n' * 3
    cut = data[: 2 * len(b'{"integer":1}\n') - 1]
    assert read_by_jq(cut, JsonLinesFormat) == [{"integer": 1}] * 2
    assert not cut.endswith(b"\n")
