"""djangorestframework-csv: its renderer, and its streaming one in a view of one's own."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from rest_framework.generics import ListAPIView
from rest_framework.serializers import CharField, ModelSerializer
from rest_framework_csv.renderers import CSVRenderer, CSVStreamingRenderer

from benchmarks.models import FIELDS, SHIPMENT_FIELDS, BaseCargo, Cargo, Shipment, requested


class CargoSerializer(ModelSerializer):  # type: ignore[misc]
    """The fields of the model."""

    class Meta:
        model = Cargo
        fields = FIELDS


class CargoRenderer(CSVRenderer):  # type: ignore[misc]
    """The renderer with the fields in their order."""

    header = FIELDS


class CargoView(ListAPIView):  # type: ignore[misc]
    """Return the list as CSV."""

    model: type[BaseCargo | Shipment] = Cargo
    serializer_class = CargoSerializer
    renderer_classes = [CargoRenderer]

    def get_queryset(self) -> QuerySet[Any]:
        """Return as many rows as the request asks for."""
        return requested(self.model, self.request)


class ShipmentSerializer(ModelSerializer):  # type: ignore[misc]
    """A serializer with a source that follows a relation."""

    carrier__name = CharField(source="carrier.name")

    class Meta:
        model = Shipment
        fields = SHIPMENT_FIELDS


class ShipmentView(CargoView):
    """Return the list with a column of the related object."""

    model = Shipment
    serializer_class = ShipmentSerializer
    renderer_classes = [CSVRenderer]


def streamed(
    serializer: ModelSerializer, header: list[str], queryset: QuerySet[Any]
) -> StreamingHttpResponse:
    """Return a response that has a block for each row."""

    def rows() -> Iterator[dict[str, Any]]:
        for instance in queryset.iterator():
            yield serializer.to_representation(instance)

    blocks = CSVStreamingRenderer().render(rows(), renderer_context={"header": header})
    return StreamingHttpResponse(blocks, content_type="text/csv")


def cargoes_streamed(request: HttpRequest) -> StreamingHttpResponse:
    """Stream what the serializer makes of each row."""
    return streamed(CargoSerializer(), FIELDS, requested(Cargo, request))


def shipments_streamed(request: HttpRequest) -> StreamingHttpResponse:
    """Stream the same with a column of the related object."""
    return streamed(ShipmentSerializer(), SHIPMENT_FIELDS, requested(Shipment, request))


cargoes = CargoView.as_view()
shipments = ShipmentView.as_view()
