"""Which clients and formats get gzip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamreports.exceptions import ReportError
from streamreports.formats.csv import CsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.reports import Report
from streamreports.streaming.compression import (
    MAX_RANDOM_BYTES,
    accepts_gzip,
    compress,
    is_compressible,
    require_compressible,
    validate_compression,
)
from tests.models import Maker


class HtmlFormat(CsvFormat):
    content_type = "Text/HTML; charset=utf-8"


class XhtmlFormat(CsvFormat):
    content_type = "application/xhtml+xml"


# Accept-Encoding


@pytest.mark.parametrize(
    "header",
    [
        "gzip",
        "GZip",
        "x-gzip",
        "gzip, deflate, br, zstd",
        "br;q=1.0, gzip;q=0.8, *;q=0.1",
        "deflate , gzip ; q=0.001",
        "*",
        "*;q=0.5",
        "gzip;q=0.5, identity;q=0.5",
        "gzip;q=0.1, identity;q=0",
        "gzip, *;q=0",
        "identity;q=0, *",
        "gzip;Q=1.000",
        ", gzip,",
    ],
)
def test_these_clients_get_gzip(header):
    assert accepts_gzip(header)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "identity",
        "deflate, br",
        "gzip;q=0",
        "gzip;q=0.000, *",
        "*;q=0",
        "gzip;q=0.5, identity",
        "gzip;q=0.5, *;q=0.8",
        "gzip;q=high",
        "gzip;q=-1",
        "gzip;q=nan",
        "gzip;level=1",
        "notgzip",
        "gzip2",
        "identity;q=0",
    ],
)
def test_these_clients_get_the_file_as_it_is(header):
    assert not accepts_gzip(header)


@given(st.text("gzip*q=;,. 01x-identity²\t"))
def test_no_header_is_an_error(header):
    assert accepts_gzip(header) in (True, False)


# Formats


def test_text_is_compressible():
    assert is_compressible(CsvFormat(), "text/csv; charset=utf-8")


@pytest.mark.parametrize("format_class", [HtmlFormat, XhtmlFormat, gzipped(CsvFormat)])
def test_html_and_compressed_files_are_not_compressible(format_class):
    format = format_class()
    assert not is_compressible(format, format.get_content_type())


def test_compression_without_effect_is_refused():
    with pytest.raises(ReportError) as caught:
        require_compressible("MakerView", [HtmlFormat, gzipped(CsvFormat)])
    assert caught.value.problem == (
        "MakerView.compression has no effect on HtmlFormat, GzipCsvFormat."
    )
    assert caught.value.hint == (
        "Remove it. HTML is not compressed, since secrets in it could be guessed (BREACH), nor are"
        " files that are already compressed."
    )


def test_compression_may_have_an_effect_on_some_formats_only():
    require_compressible("MakerView", [HtmlFormat, CsvFormat])


@pytest.mark.parametrize("value", ["gzip", 1, None])
def test_compression_is_a_boolean(value):
    with pytest.raises(ReportError) as caught:
        validate_compression("MakerView", value)
    assert caught.value.problem == f"MakerView.compression is {value!r}."
    assert caught.value.hint == "Use True or False."


# Streams


def test_the_size_of_a_file_is_random_within_a_hundred_bytes(db):
    def size():
        stream = Report(Maker.objects.all(), ["name"]).stream(CsvFormat())
        compress(stream)
        return len(b"".join(stream))

    sizes = {size() for _ in range(100)}
    assert len(sizes) > 10
    assert max(sizes) - min(sizes) <= MAX_RANDOM_BYTES
