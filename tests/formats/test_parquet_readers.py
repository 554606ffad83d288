"""Parquet files read by programs of others: DuckDB and pandas."""

import datetime
import io
from decimal import Decimal

import duckdb
import pandas
import pytest

from tests.factories import PartFactory, SpecimenFactory
from tests.formats.parquet_files import file_of, variant
from tests.models import Specimen

pytestmark = pytest.mark.django_db

specimens = Specimen.objects.order_by("pk")

TEXTS = ["=1+1", 'a"b\\c', "a\nb\t", "ü文😀\u2028\u202e", "", None, "null", "\x1f\x7f", "'=a"]


@pytest.fixture
def query(tmp_path):
    """Return a function that has DuckDB run a query of a file."""

    def run(data, sql):
        path = tmp_path / "file.parquet"
        path.write_bytes(data)
        return duckdb.connect().sql(sql.format(file=f"'{path}'")).fetchall()

    return run


def test_duckdb_finds_the_types(query):
    SpecimenFactory(full=True)
    names = ["integer", "floating", "boolean", "date", "datetime", "decimal", "text", "binary"]
    names += ["time", "duration", "parts__quantity"]
    rows = query(file_of(specimens, *names), "DESCRIBE SELECT * FROM {file}")
    assert {name: kind for name, kind, *_ in rows} == {
        "integer": "BIGINT",
        "floating": "DOUBLE",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "datetime": "TIMESTAMP WITH TIME ZONE",
        "decimal": "DECIMAL(30,10)",
        "text": "VARCHAR",
        "binary": "BLOB",
        "time": "TIME",
        "duration": "BIGINT",  # microseconds: Parquet has no durations
        "parts__quantity": "BIGINT[]",
    }


def test_duckdb_calculates_with_the_values(query):
    for price in ("0.10", "0.20", None):
        specimen = SpecimenFactory(short_decimal=price and Decimal(price), json={"a": [1, 2]})
        PartFactory.create_batch(2, specimen=specimen, quantity=3)
    data = file_of(specimens, "short_decimal", "parts__quantity", "json")
    sql = (
        "SELECT sum(short_decimal), sum(list_sum(parts__quantity)),"
        " max(CAST(json->'a'->1 AS INTEGER)) FROM {file}"
    )
    assert query(data, sql) == [(Decimal("0.30"), 18, 2)]


@pytest.mark.parametrize("max_rows", [2, 100])
def test_duckdb_reads_texts(query, max_rows):
    Specimen.objects.bulk_create([Specimen(text=text) for text in TEXTS])
    data = file_of(specimens, "text", format=variant(max_rows=max_rows))
    assert query(data, "SELECT text FROM {file}") == [(text,) for text in TEXTS]


def test_duckdb_notices_a_truncated_file(query):
    SpecimenFactory.create_batch(3)
    with pytest.raises(duckdb.Error):
        query(file_of(specimens, "char")[:-1], "SELECT * FROM {file}")


def test_pandas_reads_the_values():
    noon = datetime.datetime(2026, 11, 20, 12, 30, tzinfo=datetime.UTC)
    specimen = SpecimenFactory(full=True, decimal=Decimal("1.5"))
    PartFactory(specimen=specimen, quantity=2)
    names = ["integer", "floating", "boolean", "date", "datetime", "decimal", "duration"]
    frame = pandas.read_parquet(io.BytesIO(file_of(specimens, *names, "parts__quantity")))
    assert str(frame.dtypes["datetime"]) == "datetime64[us, UTC]"
    assert str(frame.dtypes["duration"]) == "timedelta64[us]"
    (row,) = frame.to_dict("records")
    assert list(row.pop("parts__quantity")) == [2]
    assert row == {
        "integer": -7,
        "floating": 0.1,
        "boolean": True,
        "date": noon.date(),
        "datetime": noon,
        "decimal": Decimal("1.5"),
        "duration": datetime.timedelta(days=1, hours=2, minutes=3, seconds=4),
    }


def test_pandas_reads_texts():
    Specimen.objects.bulk_create([Specimen(text=text) for text in TEXTS])
    frame = pandas.read_parquet(io.BytesIO(file_of(specimens, "text")))
    texts = frame["text"].astype(object)
    assert texts.where(texts.notna(), None).to_list() == TEXTS


def test_pandas_notices_a_truncated_file():
    SpecimenFactory.create_batch(3)
    with pytest.raises(ValueError):
        pandas.read_parquet(io.BytesIO(file_of(specimens, "char")[:-1]))
