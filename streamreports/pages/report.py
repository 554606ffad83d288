"""The page and the files of a report at one URL."""

from collections.abc import Sequence
from functools import cached_property

from django.http import HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase

from streamreports.background import is_export
from streamreports.exceptions import InvalidParametersError
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from streamreports.negotiation import accepts, preferred_format
from streamreports.pages.canonical import canonical_query
from streamreports.pages.links import address
from streamreports.pages.page import PageMixin

PAGE_TYPE = "text/html"


class ReportView(PageMixin):
    """Respond with the page of a report, or with its file if the request names a format.

    Both use the same query string. A client that does not accept HTML gets the file, in a format
    that it accepts.
    """

    formats: Sequence[type[Format]] = [CsvFormat]

    def respond(self) -> HttpResponseBase:
        """Return the page, the file, or a redirect to the canonical URL of the page."""
        request = self.request
        query = request.GET if self.is_file else self.get_canonical_query()
        if dict(query.lists()) == dict(request.GET.lists()):
            return super().respond()
        return HttpResponseRedirect(address(request.path, query))

    @cached_property
    def is_file(self) -> bool:
        """True if the request asks for the file, False for the page."""
        if is_export(self.request):
            return True
        names_format = bool(self.query_parameters.values(self.format_param))
        return names_format or not accepts(self.request, PAGE_TYPE)

    @property
    def negotiates_format(self) -> bool:
        """Always True, since the client may also prefer the page."""
        return True

    def get_default_format(self) -> type[Format]:
        """Return the format for a request without ``?format=``.

        Raises NotAcceptableError if the client accepts neither a format nor HTML.
        """
        formats = self.get_formats()
        if not self.is_file:
            return formats[0]
        return preferred_format(self.request, formats, others=[PAGE_TYPE])

    def get_canonical_query(self) -> QueryDict:
        """Return the canonical query string of the page."""
        return canonical_query(
            self.request.GET,
            columns_param=self.columns_param,
            ordering_param=self.ordering_param,
            selectable=[column.key for column in self.get_selectable_columns()],
            default=[column.key for column in self.permitted_columns],
        )

    def get_response(self) -> HttpResponseBase:
        """Return the file, or the page with the first rows."""
        return super().get_response() if self.is_file else self.render_page()

    def handle_invalid_parameters(self, error: InvalidParametersError) -> HttpResponseBase:
        """Return the page with the errors next to its fields, or the response for a file."""
        if self.is_file:
            return super().handle_invalid_parameters(error)
        return self.render_page(error.errors, status=400)
