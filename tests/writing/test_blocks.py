import gc
import time
import tracemalloc

import pytest
from django.db import connection
from django.utils import timezone, translation

from streamreports.columns import Column
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.reports import Report
from streamreports.values import TextOptions
from tests.factories import PartFactory, SpecimenFactory, pairs_of_specimens
from tests.models import Specimen

pytestmark = pytest.mark.django_db

in_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="Only PostgreSQL has server-side cursors in Django.",
)

KIB = 1024
specimens = Specimen.objects.order_by("pk")


def stream_of(*columns, queryset=specimens, format=None, **options):
    return Report(queryset, columns, **options).stream(format or CsvFormat())


def with_texts(*texts):
    Specimen.objects.bulk_create([Specimen(text=text) for text in texts])


# The file


def test_blocks_make_the_file():
    SpecimenFactory(char="=1", integer=1, maker__name="Acme")
    SpecimenFactory(char='"', integer=None, maker=None)
    stream = stream_of("char", "integer", "maker__name")
    assert b"".join(stream) == b'Char,Integer,Maker name\r\n\'=1,1,Acme\r\n"""",,\r\n'


def test_file_of_no_rows_is_a_header():
    stream = stream_of("char", "integer")
    assert list(stream) == [b"Char,Integer\r\n"]
    assert (stream.rows, stream.bytes) == (0, 14)


def test_format_prints_in_its_own_style():
    SpecimenFactory(char="=1", floating=1.5)
    with translation.override("de"):
        stream = stream_of(Column("char", label="=A"), "floating", format=ExcelCsvFormat())
        assert b"".join(stream).decode("utf-8-sig") == "'=A;Floating\r\n'=1;1,5\r\n"


def test_any_format_will_do():
    class Lines(Format):
        name = "lines"
        content_type = "text/plain"
        extension = "txt"

        @property
        def options(self):
            return TextOptions(escape_formulas=False)

        def encode(self, columns, batches):
            yield "|".join(column.label for column in columns).encode()
            for rows in batches:
                yield "".join(f"/{'|'.join(row)}" for row in rows).encode()
            yield b"."

    with_texts(*["=x"] * 25)
    stream = stream_of(Column("text", label="=A"), format=Lines())
    assert b"".join(stream) == b"=A" + b"/=x" * 25 + b"."
    assert stream.rows == 25


def test_time_zone_of_the_moment_is_that_of_the_file():
    SpecimenFactory(full=True)
    with timezone.override("America/Sao_Paulo"):
        assert b"".join(stream_of("datetime")) == b"Datetime\r\n2026-11-20 09:30:00-03:00\r\n"


def test_stream_ends_for_good():
    stream = stream_of("id")
    list(stream)
    assert list(stream) == []


def test_making_a_stream_runs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        stream_of("id", "parts__name", "maker__shout").close()


# Blocks


def test_first_block_is_small():
    with_texts(*["x"] * 500)
    stream = stream_of("text")
    assert next(stream).startswith(b"Text\r\nx\r\nx")
    assert 1 <= stream.rows <= 100


def test_first_block_of_long_rows_is_small_too():
    with_texts(*["x" * 20_000] * 60)
    stream = stream_of("text")
    assert len(next(stream)) <= 4 * 64 * KIB


def test_first_block_has_rows_and_not_the_header_alone():
    with_texts("x")
    stream = stream_of("text")
    next(stream)
    assert stream.rows == 1


@pytest.mark.parametrize("chunk_size", [100, 500, 2000, 10_000])
def test_blocks_are_of_about_64_kib(monkeypatch, chunk_size):
    monkeypatch.setattr("streamreports.writing.blocks.FLUSH_SECONDS", 60)
    queryset = pairs_of_specimens(90, text="x" * 98)
    _, *blocks, _ = stream_of("text", queryset=queryset, chunk_size=chunk_size)
    assert len(blocks) >= 9
    for block in blocks:
        assert 32 * KIB <= len(block) <= 96 * KIB


def test_blocks_are_of_about_64_kib_where_a_row_is_longer_than_the_last():
    """Their number of rows follows the size of the rows, before they are put together."""
    with_texts(*["x"] * 500, *["y" * 10_000] * 300)
    assert max(map(len, stream_of("text"))) <= 128 * KIB


def test_blocks_are_of_about_64_kib_where_rows_get_longer_all_the_time():
    with_texts(*["x" * 2**n for n in range(15) for _ in range(30)])
    assert max(map(len, stream_of("text"))) <= 128 * KIB


def test_blocks_are_of_about_64_kib_of_text_in_any_encoding():
    """Batches are sized by their characters, of which each takes two bytes here."""

    class Utf16Format(CsvFormat):
        encoding = "utf-16"

    queryset = pairs_of_specimens(55, text="é" * 98)
    _, *blocks, _ = stream_of("text", queryset=queryset, format=Utf16Format())
    for block in blocks:
        assert 32 * KIB <= len(block) <= 192 * KIB


def test_row_longer_than_a_block_is_a_block():
    with_texts(*["x" * 200_000] * 4)
    assert max(map(len, stream_of("text"))) <= 2 * 200_100


def test_no_block_is_empty_where_the_last_piece_is_large():
    class Trailing(Format):
        name = "lines"
        content_type = "text/plain"
        extension = "txt"

        def encode(self, columns, batches):
            for rows in batches:
                yield b"." * len(rows)
            yield b"x" * 64 * KIB

    with_texts("a", "b")
    assert list(stream_of("text", format=Trailing())) == [b"..", b"x" * 64 * KIB]


def test_counts_are_of_what_has_left():
    stream = stream_of("text", "integer", queryset=pairs_of_specimens(55, text="x" * 98))
    data = b""
    assert (stream.rows, stream.bytes) == (0, 0)
    for block in stream:
        data += block
        assert stream.bytes == len(data)
        assert stream.rows == data.removesuffix(b"\r\n").count(b"\r\n")
    assert stream.rows == 55**2


def test_counts_leave_the_header_out():
    class BareFormat(CsvFormat):
        header = False

    with_texts("a", "b")
    stream = stream_of("text", format=BareFormat())
    assert b"".join(stream) == b"a\r\nb\r\n"
    assert (stream.rows, stream.bytes) == (2, 6)


def test_count_of_rows_is_no_count_of_lines():
    with_texts("a\r\nb", "\n")
    stream = stream_of("text")
    list(stream)
    assert stream.rows == 2


@pytest.mark.parametrize("line_terminator", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("text", ["x" * 98, "\r\n" * 20, ""], ids=["text", "line ends", "nothing"])
def test_file_cut_at_any_block_does_not_end_with_a_line_end(line_terminator, text):
    variant = type("Variant", (CsvFormat,), {"line_terminator": line_terminator})()
    queryset = pairs_of_specimens(50, text=text)
    blocks = list(stream_of("text", queryset=queryset, format=variant, chunk_size=700))
    data = b""
    for block in blocks[:-1]:
        data += block
        assert not data.endswith((b"\r", b"\n"))
    assert blocks[-1].endswith(line_terminator.encode())


def test_file_that_an_error_cuts_does_not_end_with_a_line_end():
    """A file is a whole one if and only if it ends with a line end."""
    with_texts(*["x"] * 300)
    last = specimens.last()

    def fail_at_the_last(specimen):
        return 1 / (last.pk - specimen.pk)

    stream = stream_of("text", Column(fail_at_the_last, format=lambda value: "y"))
    blocks = []
    with pytest.raises(ZeroDivisionError):
        blocks.extend(stream)
    data = b"".join(blocks)
    assert data.startswith(b"Text,Fail at the last\r\nx,y\r\nx,y")
    assert not data.endswith((b"\r", b"\n"))


# Slow rows


class Slow:
    """Count the calls of a function that takes its time."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.calls = 0

    def __call__(self, value):
        self.calls += 1
        time.sleep(self.seconds)
        return "x"


@pytest.mark.parametrize("where", ["source", "format"])
def test_rows_that_are_ready_do_not_wait_for_slow_ones(where):
    """A slow machine makes fewer calls a second than this, never more."""
    with_texts(*["x"] * 40)
    slow = Slow(0.05)
    column = Column(slow, label="x") if where == "source" else Column("text", format=slow)
    stream = stream_of(column)
    next(stream)
    stream.close()
    assert slow.calls <= 20


def test_later_rows_that_are_ready_do_not_wait_for_slow_ones_either():
    with_texts(*["x"] * 45)
    slow = Slow(0.05)
    stream = stream_of(Column(slow, label="x"))
    next(stream)
    calls = slow.calls
    next(stream)
    stream.close()
    assert slow.calls - calls <= 20


# The end of a stream


def test_closed_stream_has_come_to_its_end():
    with_texts(*["x"] * 500)
    stream = stream_of("text")
    next(stream)
    stream.close()
    assert list(stream) == []
    assert 1 <= stream.rows <= 100


def test_stream_may_be_closed_before_it_begins_and_twice():
    stream = stream_of("id")
    stream.close()
    stream.close()
    assert (list(stream), stream.rows, stream.bytes) == ([], 0, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["read", "closed", "forgotten", "failed"])
@in_postgresql
def test_transaction_ends_with_the_stream(ending):
    with_texts(*["x" * 1_000] * 1_000)
    last = specimens.last().pk

    def fail_in_the_end(specimen):
        if ending == "failed" and specimen.pk == last:
            raise RuntimeError
        return 1

    stream = stream_of("text", Column(fail_in_the_end), chunk_size=100)
    next(stream)
    assert connection.in_atomic_block
    if ending == "read":
        list(stream)
    elif ending == "closed":
        stream.close()
    elif ending == "forgotten":
        del stream
        gc.collect()
    else:
        with pytest.raises(RuntimeError):
            list(stream)
    assert not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors")
        assert cursor.fetchone() == (0,)


# Memory


@pytest.mark.skipif(
    connection.vendor == "mysql", reason="Django's cursors hold the whole result on MySQL."
)
def test_memory_of_a_large_file_is_flat():
    """Of 100,000 rows, which make 11 MB."""
    queryset = pairs_of_specimens(317, text="x" * 100)
    stream, peak = peak_of("id", "text", "other", queryset=queryset)
    assert stream.rows == 317**2
    assert stream.bytes > 10_000_000
    assert peak < 4_000_000


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Others are asked for a chunk of rows.")
@pytest.mark.parametrize(("specimens", "width"), [(100, 1000), (32, 10_000)])
def test_memory_of_long_rows_is_that_of_a_hundred(specimens, width):
    queryset = pairs_of_specimens(specimens, text="x" * width)
    stream, peak = peak_of("id", "text", "other", queryset=queryset)
    assert stream.rows == specimens**2
    assert stream.bytes > 10_000_000
    assert peak < 500_000 + 200 * width


def peak_of(*columns, queryset):
    """Return a stream that has been read, and the bytes that Python held at most."""
    stream = stream_of(*columns, queryset=queryset)
    tracemalloc.start()
    try:
        for _ in stream:
            pass
        return stream, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_to_many_values_are_in_their_blocks():
    for specimen in SpecimenFactory.create_batch(3, char="s", maker=None):
        PartFactory.create_batch(2, specimen=specimen, name="p")
    stream = stream_of("char", "parts__name", chunk_size=2)
    assert b"".join(stream) == b"Char,Parts name\r\n" + b's,"p, p"\r\n' * 3
