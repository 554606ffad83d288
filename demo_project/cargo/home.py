"""The home page: the list of reports."""

from typing import Any

from django.db import DatabaseError
from django.urls import reverse

from demo_project.cargo.login import is_download
from demo_project.cargo.models import Cargo
from demo_project.cargo.streamed import CommentsTemplateView, CommentsView, HelloView
from streamreports.pages import ReportIndexView
from streamreports.pages.index import ReportLink

# By the names of their URLs.
STREAMED_PAGES: dict[str, Any] = {
    "comments": CommentsView,
    "template": CommentsTemplateView,
    "hello": HelloView,
}


class HomeView(ReportIndexView):
    """List the reports, and start a download that a log-in leads to."""

    template_name = "cargo/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the address of the download, the streamed pages, and whether there are cargoes."""
        streamed_pages = [
            ReportLink(view.title, reverse(f"cargo:{name}"), view.description)
            for name, view in STREAMED_PAGES.items()
        ]
        url = self.request.GET.get("download", "")
        return super().get_context_data(
            download=url if is_download(url) else "",
            has_cargoes=has_cargoes(),
            streamed_pages=streamed_pages,
            **kwargs,
        )


def has_cargoes() -> bool:
    """Return True if there are cargoes, False also before the first migration."""
    try:
        return Cargo.objects.exists()
    except DatabaseError:
        return False
