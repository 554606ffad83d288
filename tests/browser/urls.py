"""The URLs of the demo, and pages that it has none of."""

import threading
import time

from django.http import HttpResponse
from django.urls import include, path
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from demo_project.cargo.failing import FailingCargoCsvView
from demo_project.cargo.models import Cargo
from demo_project.cargo.views import CargoReportView
from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.formats.html import HtmlFormat
from streamreports.formats.json import JsonLinesFormat
from streamreports.padding import PADDING
from streamreports.pages import ReportView
from streamreports.views import StreamingReportView, StreamingView

WAITS = 120  # seconds that a page waits at most
MIDDLE = 25  # the primary key of a cargo that is neither in the first rows nor in the last ones


class SlowReport(ReportView):
    """A page that has no time for its rows."""

    title = "Slow"
    model = Cargo
    columns = ["id", "commodity"]
    preview_time_limit = 1e-6


class FailingReport(CargoReportView):
    """A page whose query fails as soon as something is selected."""

    title = "Failing"

    def filter_queryset(self, queryset):
        if self.request.GET.get("commodity"):
            queryset = queryset.extra(where=["no_such_column = 1"])
        return queryset


class CompressedReport(ReportView):
    """A page whose files are compressed, for the transfer or for good."""

    title = "Compressed"
    queryset = Cargo.objects.order_by("pk")
    columns = ["id", "status"]
    formats = [CsvFormat, gzipped(CsvFormat)]
    buffered_up_to = 0
    compression = True


def commodity_of(cargo):
    time.sleep(0.02)
    return cargo.commodity


class BackgroundReport(ReportView):
    """A report that takes some seconds, so that its progress can be seen."""

    title = "Background"
    queryset = Cargo.objects.order_by("pk")
    columns = ["id", Column(commodity_of, name="commodity", label="Commodity")]
    background = True
    preview_rows = 5
    chunk_size = 10
    formats = [CsvFormat, JsonLinesFormat]


class LargeReport(BackgroundReport):
    """A report that is too large for a response."""

    title = "Large"
    background_above = 299


class OneColumn(ReportView):
    """A page without a form."""

    title = "One column"
    model = Cargo
    columns = ["commodity"]


released = threading.Event()  # what a page waits for in the middle


def release(request):
    """Have the page that waits go on."""
    released.set()
    return HttpResponse("released")


class TablePage(StreamingReportView):
    """A page whose rows come ten at a time."""

    title = "Table"
    queryset = Cargo.objects.order_by("pk")
    chunk_size = 10
    formats = [HtmlFormat]
    is_listed = False

    def get_columns(self):
        return ["id", Column(self.cell, label="Cell")]

    def cell(self, cargo):
        return f"<i>{cargo.pk}</i>"


class WaitingPage(TablePage):
    """A page that waits in the middle for a signal of the test."""

    def cell(self, cargo):
        if cargo.pk == MIDDLE:
            released.wait(WAITS)
            released.clear()
        return super().cell(cargo)


class MagentaFormat(HtmlFormat):
    """Have cells that are found on a picture of the screen."""

    style = f"{HtmlFormat.style}td {{ background: #f0f; color: #f0f; min-width: 200px; }}"


class MagentaReport(WaitingPage):
    """A table that is found on a picture of the screen."""

    formats = [MagentaFormat]


class MagentaPieces(StreamingView):
    """A page of pieces, with a box that is found on a picture of the screen."""

    def generate(self):
        yield format_html("<!doctype html><title>Pieces</title><h1>{}Pieces</h1>", PADDING)
        yield mark_safe('<table bgcolor="#ff00ff" width="600" height="200"><tr><td></table>')
        released.wait(WAITS)
        released.clear()
        yield mark_safe("<p>The end")


class CutPage(TablePage):
    """A page that fails in the middle."""

    def cell(self, cargo):
        if cargo.pk == MIDDLE:
            raise LookupError(cargo.pk)
        return super().cell(cargo)


class ScriptPage(TablePage):
    """A page whose author declared safe what is not."""

    script = "<script>document.title = 'run'</script><b onclick=\"document.title = 'run'\">b</b>"

    def get_columns(self):
        return [Column(lambda cargo: self.script, label="Script", safe=True)]


urlpatterns = [
    # Of few cargoes, one must fail that comes after the first block.
    path(
        "reports/cargo-failing.csv",
        FailingCargoCsvView.as_view(fails_at=250, chunk_size=10, buffered_up_to=0),
    ),
    path("", include("tests.browser.more_urls")),
    path("", include("demo_project.urls")),
    path("release/", release),
    path("waiting/", WaitingPage.as_view()),
    path("busy/", WaitingPage.as_view(max_concurrent_streams=1, slot_timeout=0)),
    path("magenta/report/", MagentaReport.as_view()),
    path("magenta/pieces/", MagentaPieces.as_view()),
    path("cut/", CutPage.as_view()),
    path("script/", ScriptPage.as_view(queryset=Cargo.objects.filter(pk=1))),
    path("background/", BackgroundReport.as_view()),
    path("large/", LargeReport.as_view()),
    path("slow/", SlowReport.as_view()),
    path("failing/", FailingReport.as_view()),
    path("compressed/", CompressedReport.as_view()),
    path("one/", OneColumn.as_view()),
]
