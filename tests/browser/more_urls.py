"""Pages of which the browser tests see that nothing on them is a barrier."""

import time

from django.contrib.auth.mixins import UserPassesTestMixin
from django.urls import path
from django.views.generic import ListView

from demo_project.cargo.models import Cargo, Carrier
from streamreports.columns import Column
from streamreports.exports.views import ExportListView
from streamreports.formats.csv import CsvFormat
from streamreports.formats.html import HtmlFormat
from streamreports.formats.json import JsonLinesFormat
from streamreports.pages import ReportIndexView, ReportListMixin, ReportView
from streamreports.views import StreamingReportView

BARRED = "barred"  # the first name of a user who may no longer see a report


class CarrierList(ReportListMixin, ListView):
    """A list of a project's own, with downloads."""

    model = Carrier
    ordering = ["name"]
    template_name = "list.html"
    template_engine = "plain"
    report_columns = ["id", "name"]
    report_formats = [CsvFormat, JsonLinesFormat]
    background = True


class PlainReport(ReportView):
    """A page in the template of the app, which the demo replaces."""

    title = "Plain"
    model = Cargo
    columns = ["id", "commodity", "carrier__name"]
    selectable_columns = True
    ordering_fields = ["id"]
    template_engine = "plain"
    is_listed = False


class EmptyTable(StreamingReportView):
    """A table without rows."""

    title = "Empty"
    queryset = Cargo.objects.none()
    columns = ["id", "commodity"]
    formats = [HtmlFormat]
    is_listed = False


class TwoFormats(StreamingReportView):
    """A file in two formats, of three rows at most."""

    title = "Two formats"
    model = Cargo
    columns = ["id", "commodity"]
    formats = [CsvFormat, JsonLinesFormat]
    max_rows = 3
    is_listed = False


class QuickReport(ReportView):
    """A report whose export is soon done."""

    title = "Quick"
    model = Carrier
    columns = ["id", "name"]
    background = True
    is_listed = False


class LongReport(QuickReport):
    """A report whose export takes a minute."""

    title = "Long"
    model = Cargo
    chunk_size = 2
    preview_rows = 1

    def get_columns(self):
        return ["id", Column(self.commodity_of, label="Commodity")]

    def commodity_of(self, cargo):
        time.sleep(0.2)
        return cargo.commodity


class BrokenReport(QuickReport):
    """A report whose export fails."""

    title = "Broken"
    preview_rows = 1

    def get_columns(self):
        return ["id", Column(self.name_of, label="Name")]

    def name_of(self, carrier):
        if carrier.pk > 1:
            raise LookupError(carrier.pk)
        return carrier.name


class RevocableReport(UserPassesTestMixin, QuickReport):
    """A report that a user may see until the user is barred."""

    title = "Revocable"
    raise_exception = True

    def test_func(self):
        return self.request.user.first_name != BARRED


urlpatterns = [
    path("carriers/", CarrierList.as_view()),
    path("plain/", PlainReport.as_view()),
    path("plain/index/", ReportIndexView.as_view(template_engine="plain")),
    path("empty/", EmptyTable.as_view()),
    path("two-formats/", TwoFormats.as_view()),
    path("quick/", QuickReport.as_view()),
    path("long/", LongReport.as_view()),
    path("broken/", BrokenReport.as_view()),
    path("revocable/", RevocableReport.as_view()),
    path("exports/one-by-one/", ExportListView.as_view(paginate_by=1)),
]
