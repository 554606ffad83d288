"""django-queryset-csv."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from djqscsv import render_to_csv_response

from benchmarks.models import SHIPMENT_FIELDS, Cargo, Shipment, requested


def cargoes(request: HttpRequest) -> HttpResponseBase:
    """Return every field of the model."""
    response: HttpResponseBase = render_to_csv_response(requested(Cargo, request))
    return response


def shipments(request: HttpRequest) -> HttpResponseBase:
    """Return the values of a queryset that follows a relation."""
    queryset = requested(Shipment, request).values(*SHIPMENT_FIELDS)
    response: HttpResponseBase = render_to_csv_response(queryset)
    return response
