"""Views that respond with a report."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import FieldError
from django.db import connections, transaction
from django.db.models import Model, QuerySet
from django.db.models.base import ModelBase
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import View

from streamreports.columns import Column
from streamreports.exceptions import (
    ColumnError,
    OrderingError,
    ReportError,
    TooManyRowsError,
    TooManyStreamsError,
)
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.responses import (
    ReportResponse,
    StreamOptions,
    create_format,
    get_default_filename,
    open_response,
    reject_too_many_rows,
    reject_too_many_streams,
    validate_number,
)


class StreamingReportView(View):
    """Respond with a file of a queryset's rows, sent while it is being made.

    ``model``, ``queryset``, ``ordering``: the rows, as in Django's ``ListView``.
    ``columns``: the columns to export, as strings and ``Column`` objects. Nothing else is included.
    ``formats``: the subclasses of ``Format`` that the view offers; the first is the default.
    ``filename``: by default, the plural name of the model with the extension of the format.
    ``chunk_size``: the number of rows that are held in memory, and that one prefetch query covers.
    ``cache_control``: the value of the Cache-Control header; None leaves it unset.
    ``buffered_up_to``: bytes; reports up to this size are sent with a Content-Length.
    ``early_header``: send the header before the query answers; a later error truncates the file.
    ``max_rows``: larger reports are rejected with 413 before any data is sent.
    ``max_concurrent_streams``: the limit per process; further requests wait ``slot_timeout``
    seconds, as do requests for a report that would take the last connection of a pool. Then they
    get 503 with ``retry_after``, in seconds, as the Retry-After header.
    ``report_class``, ``response_class``: subclasses of ``Report`` and ``ReportResponse``.

    Raises ReportError, an ImproperlyConfigured, before any data is sent if the view is invalid.
    """

    http_method_names = ["get", "head", "options"]

    model: type[Model] | None = None
    queryset: QuerySet[Any] | None = None
    ordering: str | Sequence[Any] | None = None
    columns: Sequence[Column | str] | None = None
    formats: Sequence[type[Format]] = ()
    filename: str | None = None
    chunk_size: int = 2000
    cache_control: str | None = "private, no-store"
    buffered_up_to: int = StreamOptions.buffered_up_to
    early_header: bool = StreamOptions.early_header
    max_rows: int | None = StreamOptions.max_rows
    max_concurrent_streams: int | None = StreamOptions.max_concurrent_streams
    slot_timeout: float = StreamOptions.slot_timeout
    retry_after: int = StreamOptions.retry_after
    report_class: type[Report] = Report
    response_class: type[ReportResponse] = ReportResponse

    # The request

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, exempt from ATOMIC_REQUESTS: its rows are read after it has returned."""
        view = super().as_view(**initkwargs)
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the report, or the response of the limit that it exceeds."""
        self.format = self.get_format()
        self.report = self.get_report()
        try:
            return open_response(
                self.report,
                self.format,
                self._get_options(),
                request=request,
                sender=type(self),
                filename=self.get_filename(),
                headers=self.get_headers(),
                response_class=self.response_class,
            )
        except TooManyRowsError:
            return self.handle_too_many_rows()
        except TooManyStreamsError:
            return self.handle_too_many_streams()

    def head(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the headers of the report.

        Without this method, Django sets ``self.head = self.get``, a reference cycle that keeps the
        request alive until the garbage collector runs.
        """
        return self.get(request, *args, **kwargs)

    def handle_too_many_rows(self) -> HttpResponseBase:
        """Return the response to a request for more than ``max_rows`` rows, or raise."""
        return reject_too_many_rows(self.get_max_rows())

    def handle_too_many_streams(self) -> HttpResponseBase:
        """Return the response to a request that no stream made room for, or raise."""
        return reject_too_many_streams(self.retry_after)

    # The report

    def get_report(self) -> Report:
        """Return the report: the queryset read through the columns."""
        name, chunk_size = type(self).__name__, self.get_chunk_size()
        validate_number(name, "chunk_size", chunk_size)
        queryset = self.get_queryset()
        self._require_queryset(queryset)
        try:
            return self.report_class(queryset, self.get_columns(), chunk_size=chunk_size)
        except ColumnError as error:
            raise error.within(f"{name}.columns") from error

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows of the report, ordered by ``get_ordering()``."""
        name = type(self).__name__
        if self.queryset is not None:
            self._require_queryset(self.queryset)
            queryset = self.queryset.all()
        elif isinstance(self.model, ModelBase):
            queryset = self.model._default_manager.all()
        elif self.model is not None:
            raise ReportError(
                f"{name}.model is {self.model!r}, which is not a model.",
                f"Define {name}.model as a model class.",
            )
        else:  # as ListView says
            raise ReportError(
                f"{name} is missing a QuerySet.",
                f"Define {name}.model, {name}.queryset, or override {name}.get_queryset().",
            )
        ordering = self.get_ordering()
        return self._ordered(queryset, ordering) if ordering else queryset

    def _ordered(self, queryset: QuerySet[Any], ordering: str | Sequence[Any]) -> QuerySet[Any]:
        """Return the queryset in an order; raise OrderingError if that is impossible."""
        try:
            return queryset.order_by(*((ordering,) if isinstance(ordering, str) else ordering))
        except (FieldError, TypeError) as error:
            problem, _, choices = str(error).removesuffix(".").partition(". ")
            hint = choices or "Use field names. To order a slice, order its queryset."
            name = f"{type(self).__name__}.ordering"
            raise OrderingError(f"{name}: {problem}.", hint) from error

    def _require_queryset(self, queryset: object) -> None:
        """Raise ReportError for anything but a queryset."""
        if not isinstance(queryset, QuerySet):
            name = type(self).__name__
            raise ReportError(
                f"The queryset of {name} is a {type(queryset).__name__}.",
                f"Define {name}.queryset as a QuerySet, or return one from {name}.get_queryset().",
            )

    def get_ordering(self) -> str | Sequence[Any] | None:
        """Return the field or fields to order by; None keeps the order of the queryset."""
        return self.ordering

    def get_columns(self) -> Sequence[Column | str]:
        """Return the columns of the report."""
        if not self.columns:
            name = type(self).__name__
            raise ReportError(
                f"{name} is missing columns.",
                f"Define {name}.columns, or override {name}.get_columns().",
            )
        return self.columns

    def get_chunk_size(self) -> int:
        """Return the number of rows to hold in memory."""
        return self.chunk_size

    # The file

    def get_formats(self) -> Sequence[type[Format]]:
        """Return the formats that the view offers, the default first."""
        if not isinstance(self.formats, (list, tuple)) or not self.formats:
            name = type(self).__name__
            raise ReportError(
                f"{name}.formats is {self.formats!r}.",
                f"Define {name}.formats as a list of formats, such as"
                " [streamreports.formats.csv.CsvFormat], or override"
                f" {name}.get_formats().",
            )
        return self.formats

    def get_format(self) -> Format:
        """Return the format of the file."""
        return create_format(self.get_formats()[0], f"{type(self).__name__}.formats")

    def get_filename(self) -> str:
        """Return the name of the file."""
        if self.filename is not None:
            return self.filename
        return get_default_filename(self.report, self.format)

    def get_headers(self) -> dict[str, str]:
        """Return the headers of the response besides its content type and file name."""
        return {"Cache-Control": self.cache_control} if self.cache_control else {}

    # The limits

    def get_max_rows(self) -> int | None:
        """Return the number of rows that the report may have; None for no limit."""
        return self.max_rows

    def get_max_concurrent_streams(self) -> int | None:
        """Return the number of concurrent streams of this view per process; None for no limit."""
        return self.max_concurrent_streams

    def _get_options(self) -> StreamOptions:
        """Return how the report is streamed, and its limits."""
        options = StreamOptions(
            buffered_up_to=self.buffered_up_to,
            early_header=self.early_header,
            max_rows=self.get_max_rows(),
            max_concurrent_streams=self.get_max_concurrent_streams(),
            slot_timeout=self.slot_timeout,
            retry_after=self.retry_after,
        )
        options.validate(type(self).__name__)
        return options


class StreamingCsvView(StreamingReportView):
    """Respond with a CSV file of a queryset's rows, sent while it is being made."""

    formats = [CsvFormat]
