"""django-tables2's export."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django_tables2 import Column, SingleTableView, Table
from django_tables2.export import ExportMixin

from benchmarks.models import FIELDS, BaseCargo, Cargo, Shipment, requested


class CargoTable(Table):  # type: ignore[misc]
    """The columns of the model."""

    class Meta:
        model = Cargo
        fields = FIELDS


class CargoView(ExportMixin, SingleTableView):  # type: ignore[misc]
    """Return the file that ``?_export=csv`` asks for."""

    model: type[BaseCargo | Shipment] = Cargo
    table_class = CargoTable

    def get_queryset(self) -> QuerySet[Any]:
        """Return as many rows as the request asks for."""
        return requested(self.model, self.request)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Return the file without being asked for it by a parameter."""
        response: HttpResponse = self.create_export("csv")
        return response


class ShipmentTable(Table):  # type: ignore[misc]
    """A table with an accessor that follows a relation."""

    carrier = Column(accessor="carrier__name")

    class Meta:
        model = Shipment
        fields = ["id", "commodity", "carrier"]


class ShipmentView(CargoView):
    """Return the file of the table."""

    model = Shipment
    table_class = ShipmentTable


cargoes = CargoView.as_view()
shipments = ShipmentView.as_view()
