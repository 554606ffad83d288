"""The home page: each report with its first rows and a download button."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import DatabaseError
from django.http import HttpRequest
from django.views.generic import TemplateView

from demo_project.cargo import views
from demo_project.cargo.models import Cargo
from streamreports.reports import Report
from streamreports.views import StreamingReportView

PREVIEW_ROWS = 5


@dataclass(frozen=True)
class Entry:
    """A report on the home page. ``name`` is the name of its URL pattern."""

    name: str
    title: str
    description: str
    view_class: type[StreamingReportView]


ENTRIES = [
    Entry(
        "simple",
        "Three fields",
        "A model and a list of field names: the minimal report.",
        views.CargoCsvView,
    ),
    Entry(
        "full",
        "A column of every kind",
        "Fields, related fields, choices, an expression, a model method, and joined tags.",
        views.FullCargoCsvView,
    ),
    Entry(
        "excel",
        "For Excel",
        "Semicolons, decimal commas and a byte order mark, set by a two-line format class.",
        views.ExcelCargoCsvView,
    ),
    Entry(
        "private",
        "Behind a login",
        "Cargoes held by customs, sorted by price in descending order. Requires a login.",
        views.PrivateCargoCsvView,
    ),
]


@dataclass(frozen=True)
class Preview:
    """The first rows of a report and its total number of rows."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: int


class HomeView(TemplateView):
    """List the reports."""

    template_name = "cargo/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the reports, or an empty list if there are no cargoes."""
        entries = ENTRIES if has_cargoes() else []
        cards = [(entry, preview(entry, self.request)) for entry in entries]
        return super().get_context_data(cards=cards, **kwargs)


def has_cargoes() -> bool:
    """Return True if there are cargoes, False also before the first migration."""
    try:
        return Cargo.objects.exists()
    except DatabaseError:
        return False


def preview(entry: Entry, request: HttpRequest) -> Preview | None:
    """Return the first rows as they are in the file, or None if the visitor must log in."""
    if issubclass(entry.view_class, LoginRequiredMixin) and not request.user.is_authenticated:
        return None
    view = entry.view_class()
    view.setup(request)
    queryset, options = view.get_queryset(), view.get_format().options
    report = Report(queryset[:PREVIEW_ROWS], view.get_columns())
    return Preview(report.header, list(report.rows(options)), queryset.count())
