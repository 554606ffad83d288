"""Files compressed with gzip."""

import gzip
import subprocess

import pytest

from streamreports.exceptions import ReportError
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.reports import Report
from tests.models import Maker
from tests.views import MakerCsvView, body, get, make


class SemicolonFormat(CsvFormat):
    name = "semicolon"
    delimiter = ";"


GzipCsvFormat = gzipped(CsvFormat)


def file_of(format, columns=("name", "size")):
    return b"".join(Report(Maker.objects.order_by("name"), columns).stream(format))


def test_the_attributes_are_those_of_the_format_with_gz():
    format = GzipCsvFormat()
    format.validate()
    assert GzipCsvFormat.__name__ == "GzipCsvFormat"
    assert (format.name, format.extension) == ("csv.gz", "csv.gz")
    assert format.get_content_type() == "application/gzip"
    assert format.is_compressed


@pytest.mark.parametrize(
    ("format_class", "label"), [(CsvFormat, "CSV"), (ExcelCsvFormat, "CSV for Excel")]
)
def test_the_label_is_that_of_the_format(format_class, label):
    assert gzipped(format_class).get_label() == f"{label} (gzip)"


def test_the_file_is_that_of_the_format(own_connection):
    """On PostgreSQL, both are written by COPY."""
    make(1000)
    assert gzip.decompress(file_of(GzipCsvFormat())) == file_of(CsvFormat()) == body(1000)


def test_a_variant_keeps_its_attributes(db):
    make(1)
    assert gzip.decompress(file_of(gzipped(SemicolonFormat)())).startswith(b"Name;Size\r\n")


def test_the_database_writes_the_lines_as_well():
    assert GzipCsvFormat().get_copy_options() == CsvFormat().get_copy_options()


def test_the_program_gzip_reads_the_file(own_connection):
    make(1000)
    run = subprocess.run(["gzip", "-dc"], input=file_of(GzipCsvFormat()), capture_output=True)
    assert (run.returncode, run.stdout) == (0, body(1000))


def test_the_program_gzip_notices_that_a_file_is_truncated(own_connection):
    make(1000)
    stream = Report(Maker.objects.order_by("name"), ["name", "size"]).stream(GzipCsvFormat())
    *blocks, _ = stream
    run = subprocess.run(["gzip", "-t"], input=b"".join(blocks), capture_output=True)
    assert (run.returncode, run.stderr) == (1, b"\ngzip: stdin: unexpected end of file\n")


def test_a_view_offers_it_by_name(db, rf):
    make(3)
    view = MakerCsvView.as_view(formats=[CsvFormat, GzipCsvFormat], filename=None)
    response = view(rf.get("/report/?format=csv.gz"))
    assert response.headers["Content-Type"] == "application/gzip"
    assert response.headers["Content-Disposition"] == 'attachment; filename="makers.csv.gz"'
    assert "Content-Encoding" not in response.headers
    assert gzip.decompress(b"".join(response)) == body(3)


def test_the_default_stays_the_first_format(db, rf):
    response = get(rf, MakerCsvView, formats=[CsvFormat, GzipCsvFormat])
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    response.close()


@pytest.mark.parametrize("value", ["csv", CsvFormat(), Maker])
def test_anything_but_a_format_is_refused(value):
    with pytest.raises(ReportError) as caught:
        gzipped(value)
    assert caught.value.problem == f"gzipped(): {value!r} is not a format."
    assert caught.value.hint == (
        "Use a subclass of streamreports.formats.base.Format, such as CsvFormat."
    )


def test_a_compressed_format_is_refused():
    with pytest.raises(ReportError) as caught:
        gzipped(GzipCsvFormat)
    assert caught.value.problem == "gzipped(): the files of GzipCsvFormat are already compressed."
    assert caught.value.hint == "Use GzipCsvFormat itself."


def test_what_the_format_lacks_is_reported_when_it_is_validated():
    class Bare(Format):
        def encode(self, columns, batches):
            yield from ()

    with pytest.raises(ReportError, match=r"^GzipBare\.name is '\.gz', which cannot be used in"):
        gzipped(Bare)().validate()
