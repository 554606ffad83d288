"""What a body counts as passed to the server."""

import pytest

from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.streaming.body import ReportBody
from streamreports.streaming.events import ReportEvents
from tests.models import Maker
from tests.views import body as file_of
from tests.views import make


@pytest.mark.parametrize("buffered_up_to", [0, 100, 10**6])
def test_each_row_and_byte_is_counted_once(own_connection, rf, finished, buffered_up_to):
    """A report that fits into the buffer is counted when it is made, and not again when read."""
    make(1000)
    stream = Report(Maker.objects.order_by("name"), ["name", "size"]).stream(CsvFormat())
    body = ReportBody(stream, ReportEvents(Maker, rf.get("/"), stream.report))
    body.start(buffered_up_to)
    file = b"".join(body)
    assert file == file_of(1000)
    assert (body.bytes, body.rows) == (len(file), 1000)
    assert [(sent["bytes"], sent["rows"]) for sent in finished] == [(len(file), 1000)]
