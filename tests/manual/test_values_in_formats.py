"""What the reference says about values in JSON, HTML and Parquet."""

import json
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest

from streamreports.columns import Column
from streamreports.formats.html import HtmlFormat
from streamreports.formats.json import JsonLinesFormat
from streamreports.reports import Report
from tests.manual.pages import blocks
from tests.models import Specimen

pytestmark = pytest.mark.django_db

PAGE = "reference/values-in-formats.md"


@pytest.fixture
def specimen():
    made = Specimen.objects.create(
        short_decimal=Decimal("1.10"),
        duration=timedelta(seconds=2),
        json={"a": 1},
        text="=1+1",
        kind="r",
        integer=12,
    )
    for name in ("b", "a"):
        made.parts.create(name=name)
    return made


def written(format, *columns):
    file = BytesIO()
    Report(Specimen.objects.all(), columns).write(file, format)
    file.seek(0)
    return file


def test_values_in_json(specimen):
    fields = ["short_decimal", "json", "text", "get_kind_display", "integer", "big", "parts__name"]
    columns = [*fields, Column("decimal", name="none"), Column("id", format="{}", name="formatted")]
    row = json.load(written(JsonLinesFormat(), *columns))
    assert list(row.values())[:7] == ["1.10", {"a": 1}, "=1+1", "Rare kind", 12, None, ["b", "a"]]
    assert row["none"] is None
    assert isinstance(row["formatted"], str)


def test_the_safe_column_is_shown_as_html(specimen):
    names = {}
    html, _ = blocks(PAGE)
    *before, column = html.strip().splitlines()
    exec("\n".join(before), names)
    made = eval(column.replace("cargo.commodity", "cargo.text"), names)
    page = written(HtmlFormat(), made, "text").read().decode()
    assert "<b>=1+1</b>" in page


def test_types_in_parquet(specimen):
    parquet = pytest.importorskip("pyarrow.parquet")
    names = {}
    exec(blocks(PAGE)[1], names)
    fields = ["integer", "short_decimal", "datetime", "duration", "json", "get_kind_display"]
    columns = [*fields, "parts__name", Column("floating", name="distance")]
    schema = parquet.read_schema(written(names["CargoParquetFormat"](), *columns))
    assert [str(kind).partition("<")[0] for kind in schema.types] == [
        "int64",
        "decimal128(10, 2)",
        "timestamp[us, tz=UTC]",
        "duration[us]",
        "string",
        "string",
        "list",
        "double",
    ]
