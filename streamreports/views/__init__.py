"""Views that respond with a report, or with another stream."""

from streamreports.views.base import StreamingCsvView, StreamingReportView
from streamreports.views.pieces import StreamingView
from streamreports.views.templates import StreamingTemplateView

__all__ = ["StreamingCsvView", "StreamingReportView", "StreamingTemplateView", "StreamingView"]
