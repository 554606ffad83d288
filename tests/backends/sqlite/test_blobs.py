"""A BLOB in a column of text prints as Python prints bytes."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.values import CellFormatter, TextOptions
from tests.factories import SpecimenFactory
from tests.models import Part, Specimen

pytestmark = [
    pytest.mark.skipif(connection.vendor != "sqlite", reason="For SQLite."),
    pytest.mark.django_db,
]

ESCAPED, PLAIN = TextOptions(), TextOptions(escape_formulas=False)
BLOBS = st.binary(max_size=20) | st.sampled_from([b"text", b"=1+1", b"\xff", b"\xfb\xff", b""])


def store(blob, field):
    """Have a specimen whose text is a BLOB."""
    Specimen.objects.all().delete()
    specimen = SpecimenFactory(full=True, char="text")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE tests_specimen SET {field} = %s", [blob])
    return specimen


@pytest.mark.parametrize("options", [ESCAPED, PLAIN], ids=["escaped", "plain"])
@pytest.mark.parametrize("field", ["char", "text", "slug", "email", "file", "integer", "kind"])
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(blob=BLOBS)
def test_a_blob_prints_as_bytes_do(field, options, blob):
    store(blob, field)
    expected = CellFormatter().text(blob, options)
    report = Report(Specimen.objects.all(), [field, "boolean"])
    assert list(report.rows(options)) == [(expected, "True")]


def test_a_blob_breaks_no_file():
    store(b"=\xff", "char")
    stream = Report(Specimen.objects.all(), ["char", "boolean"]).stream(CsvFormat())
    assert b"".join(stream) == b"Char,Boolean\r\nPf8=,True\r\n"


@pytest.mark.parametrize("options", [ESCAPED, PLAIN], ids=["escaped", "plain"])
@pytest.mark.parametrize("column", ["parts__name", Column("parts__name", format=str)], ids=str)
def test_a_blob_in_a_to_many_column_prints_alike(column, options):
    part = Part.objects.create(specimen=SpecimenFactory(), name="text")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tests_part SET name = %s", [b"\xfb\xff"])
    assert part.pk
    ((text, _),) = Report(Specimen.objects.all(), ["parts__name", "id"]).rows(options)
    assert text == ("'+/8=" if options is ESCAPED else "+/8=")


def test_a_second_report_on_the_same_connection_is_begun_while_the_first_is_read():
    store(b"\xff", "char")
    SpecimenFactory(char="text")
    queryset = Specimen.objects.order_by("pk")
    first = Report(queryset, ["char", "kind"], chunk_size=1).rows()
    assert next(first) == ("/w==", "r")
    assert len(list(Report(queryset, ["char", "kind"]).rows())) == 2
    assert len(list(first)) == 1
