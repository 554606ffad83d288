"""The demo reports: querysets and their columns."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from demo_project.cargo.models import Cargo
from streamreports.columns import Column
from streamreports.formats.csv import ExcelCsvFormat
from streamreports.views import StreamingCsvView


class SemicolonFormat(ExcelCsvFormat):
    """Write CSV for Excel in German, French, Spanish and similar locales."""

    delimiter = ";"
    decimal_separator = ","


class CargoCsvView(StreamingCsvView):
    """Export three fields of every cargo."""

    model = Cargo
    filename = "cargo.csv"
    columns = ["id", "commodity", "weight"]


class FullCargoCsvView(StreamingCsvView):
    """Export a column of each kind: field, relation, choice, expression, tags, method."""

    queryset = Cargo.objects.select_related("origin", "destination")  # for the route
    filename = "cargo-full.csv"
    columns = [
        "id",
        "commodity",
        "get_status_display",
        Column("weight", label=_("Weight (kg)")),
        "price",
        Column(F("weight") * F("price"), label=_("Value"), format=".2f"),
        Column("picked_up_at", format="%d/%m/%Y"),
        "route",
        Column("carrier__name", label=_("Carrier")),
        Column("tags__name", label=_("Tags"), separator="; "),
    ]


class ExcelCargoCsvView(StreamingCsvView):
    """Export with semicolons and decimal commas, as many European locales expect."""

    model = Cargo
    formats = [SemicolonFormat]
    filename = "cargo-excel.csv"
    columns = [
        "id",
        "commodity",
        "weight",
        "price",
        Column("origin__name", label=_("Origin")),
        Column("destination__name", label=_("Destination")),
    ]


class PrivateCargoCsvView(LoginRequiredMixin, StreamingCsvView):
    """Export the cargoes held by customs, by descending price, to logged-in users only."""

    queryset = Cargo.objects.filter(status=Cargo.Status.HELD)
    ordering = ["-price", "id"]
    filename = "cargo-private.csv"
    columns = ["id", "commodity", "price", "carrier__name", "origin__country"]
