"""Reports from function views, and from views of other frameworks."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase

from streamreports.columns import Column
from streamreports.exceptions import (
    ReportError,
    TooManyRowsError,
    TooManyStreamsError,
)
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.responses import (
    StreamOptions,
    create_format,
    get_default_filename,
    open_response,
    reject_too_many_rows,
    reject_too_many_streams,
    validate_number,
)


def stream_report(
    request: Any,
    queryset: QuerySet[Any],
    columns: Sequence[Column | str],
    *,
    filename: str | None = None,
    format: type[Format] = CsvFormat,
    chunk_size: int = 2000,
    cache_control: str | None = "private, no-store",
    buffered_up_to: int = StreamOptions.buffered_up_to,
    early_header: bool = StreamOptions.early_header,
    max_rows: int | None = StreamOptions.max_rows,
    max_concurrent_streams: int | None = StreamOptions.max_concurrent_streams,
    slot_timeout: float = StreamOptions.slot_timeout,
    retry_after: int = StreamOptions.retry_after,
) -> HttpResponseBase:
    """Return a response that sends a report, for views that are not a ``StreamingReportView``.

    ``request``: a Django request, or one of Django REST framework. The other arguments are those of
    ``StreamingReportView``. The view must not run in a transaction: if ATOMIC_REQUESTS is set,
    decorate it with ``transaction.non_atomic_requests``. In an asynchronous view, call this
    function through ``sync_to_async``.

    Raises ReportError, an ImproperlyConfigured, before any data is sent if an argument is invalid.
    """
    name = "stream_report()"
    report_format = create_format(format, f"{name}.format")
    validate_number(name, "chunk_size", chunk_size)
    if not isinstance(queryset, QuerySet):
        raise ReportError(
            f"The queryset of {name} is a {type(queryset).__name__}.", "Pass a QuerySet."
        )
    options = StreamOptions(
        buffered_up_to=buffered_up_to,
        early_header=early_header,
        max_rows=max_rows,
        max_concurrent_streams=max_concurrent_streams,
        slot_timeout=slot_timeout,
        retry_after=retry_after,
    )
    options.validate(name)
    report = Report(queryset, columns, chunk_size=chunk_size)
    if filename is None:
        filename = get_default_filename(report, report_format)
    try:
        return open_response(
            report,
            report_format,
            options,
            request=request,
            sender=get_view(request),
            filename=filename,
            headers={"Cache-Control": cache_control} if cache_control else {},
        )
    except TooManyRowsError:
        return reject_too_many_rows(max_rows)
    except TooManyStreamsError:
        return reject_too_many_streams(retry_after)


def get_view(request: Any) -> Any:
    """Return the view class or function of a request; this module's function without a URL."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        return stream_report
    # Class-based views of Django have the first, those of Django REST framework the second.
    return getattr(match.func, "view_class", None) or getattr(match.func, "cls", match.func)
