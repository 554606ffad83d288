"""The export views of other packages, with their default settings."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.generic import View
from djqscsv import render_to_csv_response
from import_export.formats.base_formats import CSV
from import_export.mixins import ExportViewMixin

from benchmarks.models import Cargo, requested


def queryset_csv(request: HttpRequest) -> HttpResponseBase:
    """Return the response of django-queryset-csv."""
    response: HttpResponseBase = render_to_csv_response(requested(Cargo, request))
    return response


class ImportExportView(ExportViewMixin, View):  # type: ignore[misc]
    """Return the file of django-import-export, as its ``form_valid()`` does."""

    model = Cargo

    def get(self, request: HttpRequest) -> HttpResponse:
        """Build the whole file in the response."""
        file_format = CSV()
        data = self.get_export_data(file_format, requested(Cargo, request))
        return HttpResponse(data, content_type=file_format.get_content_type())
