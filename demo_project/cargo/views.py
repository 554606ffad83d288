"""The demo reports: querysets and their columns."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from demo_project.cargo.excel import EXCEL_LOCALES, visitor_locale
from demo_project.cargo.filters import CargoFilter
from demo_project.cargo.models import Cargo
from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.formats.gzip import gzipped
from streamreports.formats.html import HtmlFormat
from streamreports.formats.json import JsonLinesFormat
from streamreports.formats.xlsx import XlsxFormat
from streamreports.pages import ReportView
from streamreports.views import StreamingCsvView


class CargoReportView(ReportView):
    """Show cargoes with filters and a choice of columns; the price only to staff."""

    model = Cargo
    title = _("Cargoes")
    description = _("Filters, columns and order to choose, the first rows, and the file.")
    formats = [
        CsvFormat,
        ExcelCsvFormat,
        XlsxFormat,
        JsonLinesFormat,
        HtmlFormat,
        gzipped(CsvFormat),
    ]
    background = True
    filterset_class = CargoFilter
    selectable_columns = True
    ordering_fields = ["id", "picked_up_at", "weight", "price"]
    columns = [
        "id",
        "commodity",
        "get_status_display",
        Column("weight", label=_("Weight (kg)")),
        "picked_up_at",
        Column("carrier__name", label=_("Carrier")),
        Column("origin__name", label=_("Origin")),
        Column("destination__name", label=_("Destination")),
        Column("tags__name", label=_("Tags")),
        Column("price", permission="cargo.change_cargo"),
    ]


class CargoCsvView(StreamingCsvView):
    """Export three fields of every cargo."""

    title = _("Three fields")
    description = _("A model and a list of field names: the minimal report.")
    model = Cargo
    filename = "cargo.csv"
    columns = ["id", "commodity", "weight"]


class FullCargoCsvView(StreamingCsvView):
    """Export a column of each kind: field, relation, choice, expression, tags, method."""

    title = _("A column of every kind")
    description = _(
        "Fields, related fields, choices, an expression, a model method, and joined tags."
    )
    queryset = Cargo.objects.select_related("origin", "destination")  # for the route
    filename = "cargo-full.csv"
    columns = [
        "id",
        "commodity",
        "get_status_display",
        Column("weight", label=_("Weight (kg)")),
        Column(F("weight") / 1000, label=_("Tonnes"), format=".2f"),
        Column("picked_up_at", format="%Y-%m-%d"),  # A spreadsheet may misread 03/04/2026.
        "route",
        Column("carrier__name", label=_("Carrier")),
        Column("tags__name", label=_("Tags"), separator="; "),
    ]


class ExcelCargoCsvView(StreamingCsvView):
    """Export with the delimiter and the decimal separator of the visitor's locale."""

    title = _("For Excel")
    description = _("The decimal separator and the delimiter that the visitor's Excel expects.")
    model = Cargo
    filename = "cargo-excel.csv"
    parameters = ["locale"]
    columns = ["id", "commodity", "weight", "picked_up_at"]

    def get_format(self) -> CsvFormat:
        """Return the format in the locale of the parameter, or of the Accept-Language header."""
        chosen = self.query_parameters.choice("locale", EXCEL_LOCALES)
        excel = ExcelCsvFormat()
        excel.locale = chosen or visitor_locale(self.request)
        return excel


class PrivateCargoCsvView(LoginRequiredMixin, StreamingCsvView):
    """Export the cargoes held by customs, by descending weight, to logged-in users only."""

    title = _("Behind a log-in")
    description = _("Cargoes held by customs, sorted by weight in descending order.")
    queryset = Cargo.objects.filter(status=Cargo.Status.HELD)
    ordering = ["-weight", "id"]
    filename = "cargo-private.csv"
    columns = [
        "id",
        "commodity",
        "weight",
        Column("carrier__name", label=_("Carrier")),
        Column("origin__country", label=_("Country of origin")),
    ]
