"""The home page: each report with its first rows and a button to download it."""

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
    """A report as the home page lists it; ``name`` is that of its URL."""

    name: str
    title: str
    description: str
    view_class: type[StreamingReportView]


ENTRIES = [
    Entry(
        "simple",
        "Three fields",
        "A model and the names of its fields: all that a report needs.",
        views.CargoCsvView,
    ),
    Entry(
        "full",
        "A column of every kind",
        "Fields, related fields, choices, an expression, a method of the model, and tags joined.",
        views.FullCargoCsvView,
    ),
    Entry(
        "excel",
        "For Excel",
        "Semicolons, decimal commas and a byte order mark, by a format of two lines.",
        views.ExcelCargoCsvView,
    ),
    Entry(
        "private",
        "Behind a login",
        "The cargoes that customs hold, dearest first. Only users may see them.",
        views.PrivateCargoCsvView,
    ),
]


@dataclass(frozen=True)
class Preview:
    """The beginning of a report, and how many rows it has in all."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: int


class HomeView(TemplateView):
    """List the reports."""

    template_name = "cargo/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the reports, or none as long as there is nothing to report."""
        entries = ENTRIES if has_cargoes() else []
        cards = [(entry, preview(entry, self.request)) for entry in entries]
        return super().get_context_data(cards=cards, **kwargs)


def has_cargoes() -> bool:
    """Tell whether there is anything to report; before the first migration there is not."""
    try:
        return Cargo.objects.exists()
    except DatabaseError:
        return False


def preview(entry: Entry, request: HttpRequest) -> Preview | None:
    """Return the beginning of a report, printed as in its file; None if the visitor may not."""
    if issubclass(entry.view_class, LoginRequiredMixin) and not request.user.is_authenticated:
        return None
    view = entry.view_class()
    view.setup(request)
    queryset, style = view.get_queryset(), view.get_format().style
    report = Report(queryset[:PREVIEW_ROWS], view.get_columns())
    return Preview(report.labels(style), list(report.rows(style)), queryset.count())
