"""What the tests of previews share."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from streamreports.previews import preview_report
from streamreports.reports import Report

LONG = 600  # seconds: nothing takes as long
SHORT = 0.2  # seconds: a statement that takes longer never ends


def preview(queryset, *columns, format=None, time_limit=LONG, **options):
    """Return the preview of a report."""
    report = Report(queryset, columns)
    return preview_report(report, format or CsvFormat(), time_limit=time_limit, **options)


def texts(previewed):
    """Return the texts of the rows of a preview."""
    return [tuple(cell.text for cell in row) for row in previewed.rows]


class LinesFormat(Format):
    """Write a line of Python values for each row."""

    name = extension = "lines"
    content_type = "text/plain"
    wants = "native"

    def encode(self, columns, batches):
        yield b"begin\n"
        for rows in batches:
            for row in rows:
                yield f"{row!r}\n".encode()
        yield b"end\n"


def queries_of(function):
    """Return the statements that a function runs, without those that limit their time."""
    with CaptureQueriesContext(connection) as queries:
        function()
    overhead = ("SAVEPOINT", "RELEASE SAVEPOINT", "statement_timeout")
    return [q["sql"] for q in queries if not any(words in q["sql"] for words in overhead)]
