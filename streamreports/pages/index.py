"""A list of the reports that a user may see."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from streamreports.discovery import report_urls
from streamreports.pages.installation import require_app
from streamreports.pages.permissions import head_request, log_in_url, may_see
from streamreports.pages.report import ReportView


@dataclass(frozen=True, slots=True)
class ReportLink:
    """A report in a list.

    ``is_page``: whether the URL leads to a page; otherwise it leads to a file.
    """

    title: str | Promise
    url: str
    description: str | Promise = ""
    is_page: bool = True


class ReportIndexView(TemplateView):
    """List the reports that the user may see.

    These are the report views of the URLconf whose URLs have no arguments, and the reports of
    ``get_report_urls()``. A user may see a report if its view, with its decorators, answers a HEAD
    request of this user with a status of 200 to 299.
    """

    template_name = "streamreports/index.html"
    title: str | Promise = _("Reports")

    def get_report_urls(self) -> Iterable[ReportLink | tuple[str, str]]:
        """Return additional reports: ``ReportLink`` objects, or pairs of a title and a URL."""
        return []

    def get_reports(self) -> list[ReportLink]:
        """Return the reports that the user may see."""
        more = [
            entry if isinstance(entry, ReportLink) else ReportLink(*entry)
            for entry in self.get_report_urls()
        ]
        return [
            *self._found_reports(),
            *(link for link in more if may_see(self.request, link.url)),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the title, the reports, and the URL of the login page for anonymous users."""
        context = {
            "title": self.title,
            "reports": self.get_reports(),
            "log_in_url": log_in_url(self.request),
        }
        return super().get_context_data(**{**context, **kwargs})

    def get_template_names(self) -> list[str]:
        """Return the templates of the page; the first one that exists is rendered.

        Raises ReportError if ``"streamreports"`` is not in INSTALLED_APPS.
        """
        require_app(type(self).__name__)
        return super().get_template_names()

    def _found_reports(self) -> Iterator[ReportLink]:
        """Yield the reports of the URLconf, in its order."""
        for url, view in report_urls():
            if not view.is_listed or "<" in url.path or not may_see(self.request, url.path):
                continue
            request = head_request(self.request, url.path)
            match = request.resolver_match
            if match is None or match.func is not url.callback:  # An earlier pattern matches.
                continue
            view.setup(request, *match.args, **match.kwargs)
            is_page = isinstance(view, ReportView)
            yield ReportLink(view.get_title(), url.path, view.get_description(), is_page)
