"""django-import-export."""

from django.http import HttpRequest, HttpResponse
from django.views.generic import View
from import_export.formats.base_formats import CSV
from import_export.mixins import ExportViewMixin
from import_export.resources import ModelResource

from benchmarks.models import SHIPMENT_FIELDS, BaseCargo, Cargo, Shipment, requested


class CargoView(ExportViewMixin, View):  # type: ignore[misc]
    """Return the file, as ``ExportViewFormMixin.form_valid()`` does."""

    model: type[BaseCargo | Shipment] = Cargo

    def get(self, request: HttpRequest) -> HttpResponse:
        """Build the whole file in the response."""
        file_format = CSV()
        data = self.get_export_data(file_format, requested(self.model, request))
        return HttpResponse(data, content_type=file_format.get_content_type())


class ShipmentResource(ModelResource):  # type: ignore[misc]
    """A resource that follows a relation."""

    class Meta:
        model = Shipment
        fields = SHIPMENT_FIELDS


class ShipmentView(CargoView):
    """Return the file of a resource."""

    model = Shipment
    resource_classes = [ShipmentResource]


cargoes = CargoView.as_view()
shipments = ShipmentView.as_view()
