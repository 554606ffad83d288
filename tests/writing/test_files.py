"""Writing a report to a file."""

import io

import pytest

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.writing.files import write_all
from tests.models import Specimen

pytestmark = pytest.mark.django_db

specimens = Specimen.objects.order_by("pk")


def with_specimens(number):
    Specimen.objects.bulk_create([Specimen(char="x" * 20) for _ in range(number)])


def test_report_is_written_to_a_file(tmp_path):
    with_specimens(5000)
    with (path := tmp_path / "report.csv").open("wb") as file:
        written = Report(specimens, ["char", "integer"]).write(file, CsvFormat())
        assert not file.closed
    data = path.read_bytes()
    assert data == b"Char,Integer\r\n" + (b"x" * 20 + b",\r\n") * 5000
    assert written == (5000, len(data))
    assert (written.rows, written.bytes) == (5000, len(data))


def test_report_is_written_after_what_the_file_holds():
    with_specimens(1)
    file = io.BytesIO()
    file.write(b"# Specimens\r\n")
    written = Report(specimens, ["char"]).write(file, CsvFormat())
    assert file.getvalue() == b"# Specimens\r\nChar\r\n" + b"x" * 20 + b"\r\n"
    assert written == (1, 28)


def test_report_of_no_rows_is_a_header():
    file = io.BytesIO()
    assert Report(specimens, ["char"]).write(file, CsvFormat()) == (0, 6)


class ShortFile(io.RawIOBase):
    """An unbuffered file that takes a few bytes at a time."""

    def __init__(self):
        self.data = b""

    def write(self, data):
        self.data += bytes(data[:7])
        return len(data[:7])


def test_file_may_take_a_part_of_a_block_at_a_time():
    with_specimens(30)
    file = ShortFile()
    written = Report(specimens, ["char"]).write(file, CsvFormat())
    assert file.data == b"Char\r\n" + (b"x" * 20 + b"\r\n") * 30
    assert written.bytes == len(file.data)


def test_file_may_return_nothing_from_write():
    class Silent:
        data = b""

        def write(self, data):
            self.data += data

    write_all(b"abc", file := Silent())
    assert file.data == b"abc"


def test_file_that_takes_nothing_is_an_error():
    class Full:
        def write(self, data):
            return 0

    with pytest.raises(OSError, match="wrote no bytes"):
        write_all(b"abc", Full())


def test_text_file_is_refused():
    with pytest.raises(TypeError):
        Report(specimens, ["char"]).write(io.StringIO(), CsvFormat())


def test_reading_ends_with_an_error_of_the_file():
    """The generator of a column that is computed ends with the stream."""
    with_specimens(500)
    calls = []

    class Full:
        def write(self, data):
            raise OSError("No space left on device")

    report = Report(specimens, [Column(lambda s: calls.append(s), label="Call")])
    with pytest.raises(OSError, match="No space left"):
        report.write(Full(), CsvFormat())
    assert len(calls) <= 100
