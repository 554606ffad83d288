"""Reports that go well, fail, and take their time; parameters say where."""

import os
import time
from pathlib import Path

from django.db import connection
from django.db.backends.signals import connection_created
from django.db.models import DateTimeField, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat
from django.dispatch import receiver
from django.http import HttpResponse, JsonResponse

from benchmarks.models import FIELDS, Cargo
from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat, TsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.formats.html import HtmlFormat
from streamreports.formats.json import JsonFormat, JsonLinesFormat
from streamreports.formats.parquet import ParquetFormat
from streamreports.formats.xlsx import XlsxFormat
from streamreports.views import StreamingCsvView

COMPRESSIBLE = [CsvFormat, TsvFormat, JsonLinesFormat, JsonFormat]
GzipCsvFormat = gzipped(CsvFormat)


class SmallParquetFormat(ParquetFormat):
    """Write small row groups, so that a report of a few thousand rows has several."""

    max_rows = 1000


# Seconds in which the database does not answer.
SLEEP = {
    "postgresql": "CAST(pg_sleep({seconds}) AS text)",
    "mysql": "SLEEP({seconds})",
    "sqlite": "(WITH RECURSIVE c(n, slept) AS (SELECT 0, '' UNION ALL SELECT n + 1, sleep(0.01)"
    " FROM c WHERE n < 100 * {seconds}) SELECT max(n) FROM c)",
}
# A date that the database holds and its driver cannot read.
UNREADABLE = {"postgresql": "CAST('infinity' AS timestamptz)", "sqlite": "'no date'"}


@receiver(connection_created)
def add_sleep(connection, **kwargs):
    """Give SQLite a function that it lacks, which leaves a mark as long as it is called."""
    mark = Path(f"{connection.settings_dict['NAME']}.asleep")

    def sleep(seconds):
        mark.touch()
        time.sleep(seconds)

    if connection.vendor == "sqlite":
        connection.connection.create_function("sleep", 1, sleep)


def ping(request):
    """Ask the database for a row, and tell the process that does."""
    Cargo._default_manager.get(pk=1)
    return HttpResponse(str(os.getpid()), content_type="text/plain")


def pool(request):
    """Tell how many connections psycopg's pool has, and how many it can lend."""
    return JsonResponse(connection.pool.get_stats())


class Whole(StreamingCsvView):
    """Send the first ``rows`` rows; ``width`` more bytes in each make them a long report."""

    model = Cargo
    slot_timeout = 60  # seconds: a slow machine rejects no report
    strict_parameters = False

    def parameter(self, name, default=0):
        """Return a number that the request gives."""
        return int(self.request.GET.get(name, default))

    def get_queryset(self):
        """Return as many rows as the request asks for."""
        return super().get_queryset().filter(pk__lte=self.parameter("rows", 10**9))

    def get_columns(self):
        """Return the plain columns, and the padding that is asked for."""
        width = self.parameter("width")
        return [*FIELDS, *([Column(Value("x" * width), label="padding")] if width else [])]


class OneColumn(Whole):
    """Send a single column, which COPY does not: rows of text are read through a cursor."""

    def get_columns(self):
        """Return a column as wide as the request asks for."""
        padding = Value("x" * self.parameter("width"))
        return [Column(Concat("commodity", padding), label="commodity")]


class Python(Whole):
    """Have a column of Python's, which raises in row ``raises_in`` and takes ``milliseconds``."""

    def get_columns(self):
        """Return the plain columns and the one that may fail."""
        raises_in, milliseconds = self.parameter("raises_in"), self.parameter("milliseconds")

        def route(cargo):
            if cargo.pk == raises_in:
                raise ValueError(f"no route for {cargo.pk}")
            if milliseconds:
                time.sleep(milliseconds / 1000)
            return f"{cargo.origin} - {cargo.destination}"

        return [*super().get_columns(), Column(route, label="route", name="route")]


class Compressed(Python):
    """Compress the same rows."""

    compression = True


def note(cargo):
    """Return a text that formats with quotes have to quote."""
    return f"No. {cargo.pk}, {cargo.commodity}"


class Formats(Python):
    """Send the same rows in every format, with a text in quotes.

    Nothing is buffered: a report that fails in the buffer is a page with status 500.
    """

    filename = None
    buffered_up_to = 0
    formats = [*COMPRESSIBLE, GzipCsvFormat, XlsxFormat, SmallParquetFormat, HtmlFormat]

    def get_columns(self):
        """Return the plain columns, a text in quotes and the one that may fail."""
        *plain, route = super().get_columns()
        return [*plain, Column(note, name="note", label="note"), route]


class CompressedFormats(Formats):
    """Compress the formats that can be compressed."""

    formats = COMPRESSIBLE
    compression = True


class Unreadable(Whole):
    """Have a value in row 7,777 that the driver cannot read."""

    def get_queryset(self):
        """Return rows of instances, one of which the driver cannot make."""
        sql = f"CASE WHEN id = 7777 THEN {UNREADABLE[connection.vendor]} ELSE picked_up_at END"
        return super().get_queryset().annotate(strange=RawSQL(sql, (), DateTimeField()))

    def get_columns(self):
        """Return the plain columns and the strange one, printed in Python."""
        return [*super().get_columns(), Column(lambda cargo: cargo.strange, label="strange")]


class Slow(Whole):
    """Have the database sleep in row ``row``, for some ``seconds``."""

    def get_queryset(self):
        """Return rows, one of which takes as long as the request asks for."""
        sleep = SLEEP[connection.vendor].format(seconds=self.parameter("seconds", 8))
        sql = f"CASE WHEN id = %s THEN {sleep} ELSE '' END"
        slept = RawSQL(sql, (self.parameter("row", 1),), TextField())
        return super().get_queryset().annotate(slept=slept)

    def get_columns(self):
        """Return the plain columns and the slow one."""
        return [*super().get_columns(), "slept"]


class Limited(Whole):
    """Send fifty reports at a time, and reject further requests at once."""

    max_concurrent_streams = 50
    slot_timeout = 0
