"""The views that send a report."""

from collections.abc import Callable
from typing import Any, Self

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.generic import View

from streamreports.exceptions import InvalidParametersError, NotAcceptableError
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.views.background import BackgroundMixin
from streamreports.views.streams import exempt_from_transactions
from streamreports.views.titles import TitleMixin


class StreamingReportView(TitleMixin, BackgroundMixin, View):
    """Respond with a file of a queryset's rows, sent while it is generated.

    ``is_listed``: whether ``ReportIndexView`` lists the view.

    The other attributes are those of its base classes. Unknown and invalid query parameters are
    rejected with 400 before any query of the report.

    Raises ReportError, an ImproperlyConfigured, before any data is sent if the view is invalid.
    """

    http_method_names = ["get", "head", "options"]
    is_listed: bool = True

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, exempt from ATOMIC_REQUESTS: rows are read after it has returned."""
        return exempt_from_transactions(super().as_view(**initkwargs))

    def get_report_view(self) -> Self:
        """Return the view of the report: this view, or the file view of a list."""
        return self

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the report, or an error response if the request is invalid."""
        response = self.start_export() or self.respond()
        if self.negotiates_format:
            patch_vary_headers(response, ["Accept"])
        return response

    def head(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the headers of the report.

        Without this method, Django sets ``self.head = self.get``, a reference cycle that keeps the
        request alive until the garbage collector runs.
        """
        return self.get(request, *args, **kwargs)

    def respond(self) -> HttpResponseBase:
        """Return the report, or an error response."""
        try:
            self.format = self.get_format()
            self.report = self.get_report()
            self.validate_parameters()
        except NotAcceptableError as error:
            return self.handle_not_acceptable(error)
        except InvalidParametersError as error:
            return self.handle_invalid_parameters(error)
        return self.get_response()

    def get_report(self) -> Report:
        """Return the requested report."""
        return self.create_report(self.get_report_queryset())


class StreamingCsvView(StreamingReportView):
    """Respond with a CSV file of a queryset's rows, sent while it is generated."""

    formats = [CsvFormat]
