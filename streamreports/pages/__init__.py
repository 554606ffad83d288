"""Views with a user interface: a report's page, a list of reports, and lists with a file."""

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
