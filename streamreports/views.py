"""Views that answer with a report."""

import inspect
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from django.core.exceptions import FieldError
from django.db import connections, transaction
from django.db.models import QuerySet
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.generic import View
from django.views.generic.list import MultipleObjectMixin

from streamreports.columns import Column
from streamreports.exceptions import ColumnError, OrderingError, ReportError
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.responses import ReportResponse
from streamreports.streaming.slots import acquire_slot


class StreamingReportView(MultipleObjectMixin, View):  # type: ignore[type-arg]
    """Answer with a file of a queryset's rows, sent while it is being made.

    ``model``, ``queryset``, ``get_queryset()``, ``ordering``: as in Django's ``ListView``.
    ``columns``: what the report holds: strings and ``Column`` objects.
    ``format_class``: a subclass of ``Format``.
    ``filename``: by default the model's plural name with the format's extension.
    ``chunk_size``: the most rows that are held at a time; prefetches run once for as many.
    ``cache_control``: the Cache-Control header; None leaves it to decorators.
    ``buffered_up_to``: bytes; a report that is no longer is sent whole, with a Content-Length.
    ``early_header``: send the header before the query answers; what fails then cuts the file.
    ``max_rows``: a report of more is refused with 413.
    ``max_concurrent_streams``: in a process; one more is refused with 503, for ``retry_after``
    seconds.

    Raises ReportError, an ImproperlyConfigured, before any byte where no report can be made.
    """

    http_method_names = ["get", "head", "options"]

    columns: Sequence[Column | str] | None = None
    format_class: type[Format] | None = None
    filename: str | None = None
    chunk_size: int = 2000
    cache_control: str | None = "private, no-store"
    buffered_up_to: int = 64 * 1024
    early_header: bool = False
    max_rows: int | None = None
    max_concurrent_streams: int | None = None
    retry_after: int = 10

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, exempt from ATOMIC_REQUESTS: its rows are read after it returned."""
        view = super().as_view(**initkwargs)
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with the report, or tell why it is refused."""
        place = acquire_slot(type(self), self.max_concurrent_streams)
        if place is None:
            return self.too_many_streams()
        with ExitStack() as unless_begun:
            unless_begun.callback(place.free)
            self.format = self.get_format()
            self.report = self.get_report()
            is_head = request.method == "HEAD"
            if self.max_rows is not None and not is_head and self.report.exceeds(self.max_rows):
                return self.too_many_rows()
            response = ReportResponse(
                self.report.stream(self.format, early_header=self.early_header),
                request=request,
                filename=self.get_filename(),
                sender=type(self),
                headers=self.get_headers(),
                buffered_up_to=0 if self.early_header else self.buffered_up_to,
                on_end=place.free,
            )
            if not is_head:
                unless_begun.pop_all()
            return response

    def head(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the headers of the report.

        Without this method, Django sets ``self.head = self.get``, a reference cycle that keeps the
        request alive until the garbage collector runs.
        """
        return self.get(request, *args, **kwargs)

    def too_many_streams(self) -> HttpResponseBase:
        """Return the answer to a request for which there is no place now."""
        return refusal(
            503,
            "Too many reports are being sent just now. Try again in a moment.",
            headers={"Retry-After": str(self.retry_after)},
        )

    def too_many_rows(self) -> HttpResponseBase:
        """Return the answer to a request for more rows than a report may have."""
        return refusal(
            413,
            f"This report may have {self.max_rows} rows at most, and would have more."
            " Narrow it by a filter, or ask for one part after the other.",
        )

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows of the report, as ``ListView`` has them."""
        name = type(self).__name__
        if not (self.model is None or isinstance(self.model, ModelBase)):
            raise ReportError(
                f"{name}.model is {self.model!r}, which is no model.",
                f"Define {name}.model as a class of your models.",
            )
        if self.queryset is not None:
            self._require_queryset(self.queryset)
        try:
            return super().get_queryset()
        except (FieldError, TypeError) as error:
            if not self.get_ordering():
                raise
            problem, _, choices = str(error).removesuffix(".").partition(". ")
            hint = choices or "Name fields, and leave the order of a slice to its queryset."
            raise OrderingError(f"{name}.ordering: {problem}.", hint) from error

    def get_report(self) -> Report:
        """Return the report: the queryset read through the columns."""
        queryset = self.get_queryset()
        self._require_queryset(queryset)
        try:
            return Report(queryset, self.get_columns(), chunk_size=self.chunk_size)
        except ColumnError as error:
            raise error.within(f"{type(self).__name__}.columns") from error

    def _require_queryset(self, queryset: object) -> None:
        """Raise ReportError for what is no queryset."""
        if not isinstance(queryset, QuerySet):
            name = type(self).__name__
            raise ReportError(
                f"{name} has a {type(queryset).__name__} for its queryset.",
                f"Define {name}.queryset as a QuerySet, or have {name}.get_queryset() return one.",
            )

    def get_columns(self) -> Sequence[Column | str]:
        """Return the columns of the report."""
        if not self.columns:
            name = type(self).__name__
            raise ReportError(
                f"{name} is missing columns.",
                f"Define {name}.columns, or override {name}.get_columns().",
            )
        return self.columns

    def get_format(self) -> Format:
        """Return the format of the file."""
        name = type(self).__name__
        usable = isinstance(self.format_class, type) and issubclass(self.format_class, Format)
        if not usable or inspect.isabstract(self.format_class):
            raise ReportError(
                f"{name}.format_class is {self.format_class!r}, which is no format.",
                f"Define {name}.format_class as a subclass of Format, such as "
                f"streamreports.formats.csv.CsvFormat, or override {name}.get_format().",
            )
        report_format: Format = self.format_class()  # type: ignore[misc]
        report_format.validate()
        return report_format

    def get_filename(self) -> str:
        """Return the name under which the file is saved."""
        if self.filename is not None:
            return self.filename
        options = self.report.queryset.model._meta
        return f"{options.verbose_name_plural}.{self.format.extension}"

    def get_headers(self) -> dict[str, str]:
        """Return the headers of the response, besides its type and file name."""
        return {"Cache-Control": self.cache_control} if self.cache_control else {}


def refusal(status: int, text: str, **kwargs: Any) -> HttpResponse:
    """Return an answer of plain text that nobody keeps."""
    response = HttpResponse(f"{text}\n", status=status, content_type="text/plain", **kwargs)
    response.headers["Cache-Control"] = "no-store"
    return response


class StreamingCsvView(StreamingReportView):
    """Answer with a CSV file of a queryset's rows, sent while it is being made."""

    format_class = CsvFormat
