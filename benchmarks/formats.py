"""The variants of ``--formats``: other files than CSV, each beside what people write today."""

import json
from collections.abc import Iterator
from itertools import islice
from tempfile import TemporaryFile

from django.core.serializers.json import DjangoJSONEncoder
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils.timezone import make_naive

from benchmarks.models import FIELDS, Cargo, requested
from benchmarks.views import ProjectView
from streamreports.formats.csv import CsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.formats.html import HtmlFormat
from streamreports.formats.json import JsonLinesFormat
from streamreports.formats.parquet import ParquetFormat
from streamreports.formats.xlsx import XlsxFormat

GROUP_ROWS = 20_000  # about as many as this project's format has in a row group


def json_loop(request: HttpRequest) -> StreamingHttpResponse:
    """Stream a line at a time, made by json.dumps()."""

    def lines() -> Iterator[str]:
        for row in requested(Cargo, request).values(*FIELDS).iterator():
            yield json.dumps(row, cls=DjangoJSONEncoder) + "\n"

    return StreamingHttpResponse(lines(), content_type=JsonLinesFormat.content_type)


class ProjectJsonLinesView(ProjectView):
    """Stream JSON Lines."""

    formats = [JsonLinesFormat]


def openpyxl_write_only(request: HttpRequest) -> FileResponse:
    """Write a workbook to a temporary file with openpyxl's write-only mode, and send it."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Cargo")
    sheet.append(FIELDS)
    picked_up_at = FIELDS.index("picked_up_at")
    for values in requested(Cargo, request).values_list(*FIELDS).iterator():
        row = list(values)
        row[picked_up_at] = row[picked_up_at] and make_naive(row[picked_up_at])
        sheet.append(row)
    file = TemporaryFile()  # noqa: SIM115 - the response closes it.
    workbook.save(file)
    file.seek(0)
    return FileResponse(file, content_type=XlsxFormat.content_type)


class ProjectXlsxView(ProjectView):
    """Stream a workbook."""

    formats = [XlsxFormat]


class ProjectGzipView(ProjectView):
    """Stream CSV that is compressed."""

    formats = [gzipped(CsvFormat)]


class ProjectHtmlView(ProjectView):
    """Stream a page."""

    formats = [HtmlFormat]


def pyarrow_loop(request: HttpRequest) -> FileResponse:
    """Write Parquet to a temporary file, a row group for some rows, and send it."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    kinds = [
        pa.int64(), pa.string(), pa.string(), pa.string(), pa.decimal128(10, 3),
        pa.decimal128(10, 2), pa.timestamp("us", "UTC"), pa.bool_(),
    ]  # fmt: skip
    schema = pa.schema(zip(FIELDS, kinds, strict=True))
    rows = requested(Cargo, request).values_list(*FIELDS).iterator()
    file = TemporaryFile()  # noqa: SIM115 - the response closes it.
    with ParquetWriter(file, schema, compression="zstd") as writer:
        while batch := list(islice(rows, GROUP_ROWS)):
            columns = zip(*batch, strict=True)
            arrays = [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
    file.seek(0)
    return FileResponse(file, content_type=ParquetFormat.content_type)


class ProjectParquetView(ProjectView):
    """Stream Parquet."""

    formats = [ParquetFormat]
