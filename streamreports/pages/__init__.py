"""Views for people: the page of a report, the list of reports, and lists that are reports too."""

from streamreports.pages.index import ReportIndexView, ReportLink
from streamreports.pages.lists import ListReportView, ReportListMixin
from streamreports.pages.report import ReportView

__all__ = [
    "ListReportView",
    "ReportIndexView",
    "ReportLink",
    "ReportListMixin",
    "ReportView",
]
