"""The hand-written variants and those of this project."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from benchmarks.models import (
    FIELDS,
    SHIPMENT_FIELDS,
    BaseCargo,
    Cargo,
    Shipment,
    UpperCaseCargo,
    requested,
)
from streamreports.columns import Column
from streamreports.views import StreamingCsvView

BATCH_SIZE = 500  # rows per block in the hand-written loop


class Echo:
    """Implement just the write method of a file, as in Django's documentation."""

    def write(self, value: str) -> str:
        """Write the value by returning it."""
        return value


def row(cargo: Cargo) -> list[object]:
    """Return the eight values of a row."""
    return [
        cargo.pk,
        cargo.commodity,
        cargo.origin,
        cargo.destination,
        cargo.weight,
        cargo.price,
        cargo.picked_up_at,
        cargo.insured,
    ]


def route(cargo: Cargo) -> str:
    """Return a value that is computed in Python."""
    return f"{cargo.origin} – {cargo.destination}"


def response(request: HttpRequest) -> HttpResponse:
    """Build the whole file in the response, as the article's first snippet does."""
    response = HttpResponse(content_type="text/csv")
    writer = csv.writer(response)
    writer.writerow(FIELDS)
    for cargo in requested(Cargo, request):
        writer.writerow(row(cargo))
    return response


def streaming(request: HttpRequest) -> StreamingHttpResponse:
    """Stream a row at a time, as the article's second snippet and Django's documentation do."""
    return row_by_row(requested(Cargo, request))


def iterator(request: HttpRequest) -> StreamingHttpResponse:
    """Stream a row at a time without keeping the instances in memory."""
    return row_by_row(requested(Cargo, request).iterator())


def row_by_row(cargoes: Iterable[Cargo]) -> StreamingHttpResponse:
    """Return a response that has a block for each row."""

    def rows() -> Iterator[list[object]]:
        yield [*FIELDS]
        for cargo in cargoes:
            yield row(cargo)

    writer = csv.writer(Echo())
    return StreamingHttpResponse(map(writer.writerow, rows()), content_type="text/csv")


def python_by_hand(request: HttpRequest) -> StreamingHttpResponse:
    """Stream rows with a column computed in Python, in batches."""
    cargoes = requested(Cargo, request).iterator()
    return in_batches([*FIELDS, "route"], ([*row(cargo), route(cargo)] for cargo in cargoes))


def values_list(request: HttpRequest) -> StreamingHttpResponse:
    """Stream the values of the database in batches, without instances."""
    return in_batches(FIELDS, requested(Cargo, request).values_list(*FIELDS).iterator())


def in_batches(header: list[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """Return a response that has a block for each batch of rows."""

    def blocks() -> Iterator[str]:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(header)
        for number, values in enumerate(rows, start=1):
            writer.writerow(values)
            if number % BATCH_SIZE == 0:
                yield text.getvalue()
                text.seek(0)
                text.truncate()
        yield text.getvalue()

    return StreamingHttpResponse(blocks(), content_type="text/csv")


def shipments(request: HttpRequest) -> StreamingHttpResponse:
    """Stream rows with an attribute of the related object."""
    rows = (
        [shipment.pk, shipment.commodity, shipment.carrier.name]
        for shipment in requested(Shipment, request).iterator()
    )
    return in_batches(SHIPMENT_FIELDS, rows)


def shipment_values(request: HttpRequest) -> StreamingHttpResponse:
    """Stream values of the database that follow a relation."""
    rows = requested(Shipment, request).values_list(*SHIPMENT_FIELDS).iterator()
    return in_batches(SHIPMENT_FIELDS, rows)


class ProjectView(StreamingCsvView):
    """Stream columns that the database can print."""

    model: type[BaseCargo | Shipment] = Cargo
    columns: Sequence[Column | str] = FIELDS
    parameters = ["rows"]

    def get_queryset(self) -> QuerySet[Any]:
        """Return as many rows as the request asks for."""
        return requested(self.model, self.request)


class ProjectUnknownView(ProjectView):
    """Stream the same columns, of which one has a field type that the project does not know."""

    model = UpperCaseCargo


class ProjectPythonView(ProjectView):
    """Stream the same columns and one that is computed in Python."""

    columns = [*FIELDS, Column(route, label="route")]


class ProjectShipmentView(ProjectView):
    """Stream a column of a related object."""

    model = Shipment
    columns = SHIPMENT_FIELDS
    parameters = ["rows", "select_related"]
