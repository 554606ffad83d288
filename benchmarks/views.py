"""The contenders: the same file, made in several ways."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from benchmarks.models import FIELDS, Cargo
from streamreports.columns import Column
from streamreports.views import StreamingCsvView

BATCH = 500  # rows a yield, in the loop written by hand


class Echo:
    """Implement just the write method of a file, as Django's documentation has it."""

    def write(self, value: str) -> str:
        """Write the value by returning it."""
        return value


def cargoes(request: HttpRequest) -> QuerySet[Cargo]:
    """Return as many rows as the request asks for."""
    return Cargo._default_manager.filter(pk__lte=int(request.GET["rows"]))


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
    """Return what only Python knows how to say."""
    return f"{cargo.origin} – {cargo.destination}"


def article_response(request: HttpRequest) -> HttpResponse:
    """Build the whole file in the response, as the article's first snippet does."""
    response = HttpResponse(content_type="text/csv")
    writer = csv.writer(response)
    writer.writerow(FIELDS)
    for cargo in cargoes(request):
        writer.writerow(row(cargo))
    return response


def article_streaming(request: HttpRequest) -> StreamingHttpResponse:
    """Stream a row at a time, as the article's second snippet and Django's documentation do."""
    writer = csv.writer(Echo())
    rows = (writer.writerow(row(cargo)) for cargo in cargoes(request))
    return StreamingHttpResponse(rows, content_type="text/csv")


def article_iterator(request: HttpRequest) -> StreamingHttpResponse:
    """Stream a row at a time, read by iterator()."""
    writer = csv.writer(Echo())
    rows = (writer.writerow(row(cargo)) for cargo in cargoes(request).iterator())
    return StreamingHttpResponse(rows, content_type="text/csv")


def python_by_hand(request: HttpRequest) -> StreamingHttpResponse:
    """Stream rows with a column of Python's, in the batches of a careful hand."""

    def blocks() -> Iterator[str]:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([*FIELDS, "route"])
        for number, cargo in enumerate(cargoes(request).iterator(), start=1):
            writer.writerow([*row(cargo), route(cargo)])
            if number % BATCH == 0:
                yield text.getvalue()
                text.seek(0)
                text.truncate()
        yield text.getvalue()

    return StreamingHttpResponse(blocks(), content_type="text/csv")


class ProjectView(StreamingCsvView):
    """Stream the plain columns."""

    columns: Sequence[Column | str] = FIELDS

    def get_queryset(self) -> QuerySet[Any]:
        """Return as many rows as the request asks for."""
        return cargoes(self.request)


class ProjectPythonView(ProjectView):
    """Stream the plain columns and one of Python's."""

    columns = [*FIELDS, Column(route, label="route")]


CONTENDERS: dict[str, tuple[str, Callable[..., HttpResponseBase]]] = {
    "response": ("article: HttpResponse", article_response),
    "streaming": ("article: StreamingHttpResponse", article_streaming),
    "iterator": ("the same with iterator()", article_iterator),
    "project": ("streamreports", ProjectView.as_view()),
    "python_by_hand": ("Python column: loop by hand", python_by_hand),
    "project_python": ("Python column: streamreports", ProjectPythonView.as_view()),
}
