"""What the home page shows of each report: its code, its first rows, and how they are read."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from demo_project.cargo.manual import GUIDES, Guide
from demo_project.cargo.source import source_of
from streamreports.pages import ReportLink
from streamreports.pages.permissions import head_request
from streamreports.previews import Preview, PreviewCell, PreviewColumn, preview_report
from streamreports.reports import Explanation
from streamreports.views import StreamingReportView

ROWS = 5
ROWS_OF_FIRST = 8
LINES = 2
TIME_LIMIT = 0.5  # seconds for the rows of a report and their number


@dataclass
class Card:
    """A report on the home page, as the user may see it."""

    link: ReportLink
    name: str  # of the URL
    view: StreamingReportView
    is_first: bool

    @property
    def file_url(self) -> str:
        """Return where the file is; a page has its files at its own URL."""
        if not self.link.is_page:
            return self.link.url
        return f"{self.link.url}?{self.view.format_param}={self.view.format.name}"

    @property
    def source(self) -> SafeString:
        """Return the code of the view."""
        return source_of(type(self.view))

    @property
    def module(self) -> str:
        """Return the name of the module that defines the view."""
        return type(self.view).__module__.rpartition(".")[2]

    @property
    def guides(self) -> Sequence[Guide]:
        """Return what to read about the report."""
        return GUIDES.get(self.name, ())

    @cached_property
    def preview(self) -> Preview:
        """Return the first rows, read in a limited time."""
        rows = ROWS_OF_FIRST if self.is_first else ROWS
        return preview_report(self.view.report, self.view.format, rows=rows, time_limit=TIME_LIMIT)

    @property
    def rows(self) -> Sequence[Sequence[tuple[PreviewColumn, PreviewCell]]]:
        """Return the cells of each row, with their columns."""
        return [list(zip(self.preview.columns, row, strict=True)) for row in self.preview.rows]

    @property
    def start_of_file(self) -> str:
        """Return the first lines of the file."""
        report = self.view.report.first_rows(LINES)
        with closing(report.stream(self.view.format)) as blocks:
            return b"".join(blocks).decode("utf-8-sig")

    @property
    def explanation(self) -> Explanation:
        """Return who prints each column, and why."""
        return self.view.report.explain(self.view.format)


def card_of(request: HttpRequest, link: ReportLink, *, is_first: bool) -> Card:
    """Return the card of a report, for the user of a request."""
    asked: Any = head_request(request, link.url)
    match = asked.resolver_match
    view = match.func.view_class(**match.func.view_initkwargs)
    view.setup(asked, *match.args, **match.kwargs)
    view.format = view.get_format()
    view.report = view.get_report()
    return Card(link, match.url_name, view, is_first)
