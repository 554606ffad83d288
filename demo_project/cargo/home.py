"""The home page: the reports with their code and first rows, and what happens to a download."""

from typing import Any

from django.db import DatabaseError
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from demo_project.cargo.cards import card_of
from demo_project.cargo.excel import EXCEL_LOCALES, visitor_locale
from demo_project.cargo.failing import FailingCargoCsvView
from demo_project.cargo.login import is_download
from demo_project.cargo.models import Cargo
from demo_project.cargo.source import source_of
from demo_project.cargo.streamed import CommentsTemplateView, CommentsView, HelloView
from streamreports.pages import ReportIndexView, ReportLink

# By the names of their URLs.
STREAMED_PAGES: dict[str, Any] = {
    "comments": CommentsView,
    "template": CommentsTemplateView,
    "hello": HelloView,
}


class HomeView(ReportIndexView):
    """Show the reports, and start a download that a log-in leads to."""

    template_name = "cargo/home.html"
    title = _("Reports that start at once")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the address of the download, and what the page shows if there are cargoes."""
        url = self.request.GET.get("download", "")
        context = super().get_context_data(
            download=url if is_download(url) else "", has_cargoes=has_cargoes(), **kwargs
        )
        if context["has_cargoes"]:
            context |= self.get_sections(context["reports"])
        return context

    def get_sections(self, reports: list[ReportLink]) -> dict[str, Any]:
        """Return the card of each report, and what the other sections show."""
        locale = get_language_info(visitor_locale(self.request))
        locales = map(get_language_info, EXCEL_LOCALES)
        return {
            "cards": [
                card_of(self.request, report, is_first=number == 0)
                for number, report in enumerate(reports)
            ],
            "excel_locale": locale,
            "excel_locales": [each for each in locales if each != locale],
            "failing_source": source_of(FailingCargoCsvView),
            "streamed_pages": [
                ReportLink(view.title, reverse(f"cargo:{name}"), view.description)
                for name, view in STREAMED_PAGES.items()
            ],
        }


def has_cargoes() -> bool:
    """Return True if there are cargoes, False also before the first migration."""
    try:
        return Cargo.objects.exists()
    except DatabaseError:
        return False
