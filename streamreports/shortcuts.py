"""Reports and other streams for function-based views and views of other frameworks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase

from streamreports.columns import Column
from streamreports.columns.permissions import has_permission
from streamreports.exceptions import (
    ReportError,
    TooManyRowsError,
    TooManyStreamsError,
)
from streamreports.formats.base import Format, create_format
from streamreports.formats.csv import CsvFormat
from streamreports.problems import reject_too_many_rows, reject_too_many_streams
from streamreports.rendering import find_template, make_context, render
from streamreports.reports import Report
from streamreports.responses import get_default_filename, open_response, unwrapped
from streamreports.streaming.compression import require_compressible
from streamreports.streaming.options import StreamOptions, validate_number
from streamreports.streaming.threads import has_event_loop
from streamreports.views import StreamingReportView, StreamingTemplateView, StreamingView
from streamreports.writing.base import BlockStream
from streamreports.writing.pieces import Pieces, PieceStream, require_pieces


def stream_report(
    request: Any,
    queryset: QuerySet[Any],
    columns: Sequence[Column | str],
    *,
    filename: str | None = None,
    format: type[Format] = CsvFormat,
    chunk_size: int = StreamingReportView.chunk_size,
    cache_control: str | None = StreamingReportView.cache_control,
    buffered_up_to: int = StreamOptions.buffered_up_to,
    early_header: bool = StreamOptions.early_header,
    max_rows: int | None = StreamOptions.max_rows,
    max_concurrent_streams: int | None = StreamOptions.max_concurrent_streams,
    slot_timeout: float = StreamOptions.slot_timeout,
    retry_after: int = StreamOptions.retry_after,
    compression: bool = StreamOptions.compression,
) -> HttpResponseBase:
    """Return a response that sends a report, for views that are not a ``StreamingReportView``.

    ``request``: a Django request or a Django REST framework request. The other arguments are those
    of ``StreamingReportView``. The view must not run in a transaction: if ATOMIC_REQUESTS is set,
    decorate it with ``transaction.non_atomic_requests``. In an asynchronous view, call this
    function through ``sync_to_async``.

    Before any data is sent, raises ReportError if an argument is invalid, ColumnError if the
    queryset cannot provide a column, PermissionDenied if the user may see none of the columns, and
    TransactionError inside a transaction.
    """
    name = "stream_report()"
    require_thread(name)
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
        compression=compression,
    )
    options.validate(name)
    if compression:
        require_compressible(name, [format])
    user = getattr(request, "user", None)
    report = Report(
        queryset,
        columns,
        has_permission=lambda column: has_permission(user, column.permission),
        chunk_size=chunk_size,
    )
    if filename is None:
        filename = get_default_filename(report, report_format)
    stream = report.stream(report_format, early_header=early_header)
    return respond(request, stream, options, cache_control, stream_report, filename=filename)


def stream(
    request: Any,
    pieces: Pieces,
    *,
    content_type: str = StreamingView.content_type,
    buffer_size: int = StreamingView.buffer_size,
    cache_control: str | None = StreamingView.cache_control,
    max_concurrent_streams: int | None = StreamOptions.max_concurrent_streams,
    slot_timeout: float = StreamOptions.slot_timeout,
    retry_after: int = StreamOptions.retry_after,
) -> HttpResponseBase:
    """Return a response that sends the output of a generator, for views other than StreamingView.

    ``request``: as for ``stream_report()``, whose notes on transactions and asynchronous views
    apply. ``pieces``: a synchronous or asynchronous generator, or another iterable of text and
    bytes. The other arguments are those of ``StreamingView``: if the content type is HTML, text
    that is not marked safe is escaped.

    Before any data is sent, raises ReportError if an argument is invalid, and TransactionError
    inside a transaction.
    """
    name = "stream()"
    require_thread(name)
    validate_number(name, "buffer_size", buffer_size)
    options = StreamOptions(
        max_concurrent_streams=max_concurrent_streams,
        slot_timeout=slot_timeout,
        retry_after=retry_after,
    )
    options.validate(name)
    content = PieceStream(
        require_pieces(pieces, f"The second argument of {name}"),
        content_type,
        buffer_size=buffer_size,
    )
    return respond(request, content, options, cache_control, stream)


def stream_template(
    request: Any,
    template_name: str | Sequence[str],
    context: Mapping[str, Any] | None = None,
    *,
    using: str | None = None,
    content_type: str = StreamingTemplateView.content_type,
    buffer_size: int = StreamingTemplateView.buffer_size,
    chunk_size: int = StreamingTemplateView.chunk_size,
    cache_control: str | None = StreamingTemplateView.cache_control,
    max_concurrent_streams: int | None = StreamOptions.max_concurrent_streams,
    slot_timeout: float = StreamOptions.slot_timeout,
    retry_after: int = StreamOptions.retry_after,
) -> HttpResponseBase:
    """Return a response that sends a Jinja2 template while it is rendered.

    The first three arguments and ``using`` are those of Django's ``render()``. The notes of
    ``stream_report()`` on transactions and asynchronous views apply. The other arguments are those
    of ``StreamingTemplateView``.

    Before any data is sent, raises TemplateDoesNotExist if there is no such template, ReportError
    if it cannot be rendered in pieces or an argument is invalid, and TransactionError inside a
    transaction.
    """
    name = "stream_template()"
    require_thread(name)
    validate_number(name, "buffer_size", buffer_size)
    validate_number(name, "chunk_size", chunk_size)
    options = StreamOptions(
        max_concurrent_streams=max_concurrent_streams,
        slot_timeout=slot_timeout,
        retry_after=retry_after,
    )
    options.validate(name)
    template = find_template(template_name, using)
    values = make_context(template, context or {}, unwrapped(request))
    pieces = render(template, values, chunk_size)
    content = PieceStream(pieces, content_type, buffer_size=buffer_size)
    return respond(request, content, options, cache_control, stream_template)


def require_thread(name: str) -> None:
    """Raise ReportError in the thread of an event loop, where Django does not allow queries.

    ``name``: the name of the function that was called.
    """
    if has_event_loop():
        function = name.removesuffix("()")
        raise ReportError(
            f"{name} was called in the thread of an event loop.",
            f"In an asynchronous view, use await sync_to_async({function})(request, ...).",
        )


def respond(
    request: Any,
    content: BlockStream,
    options: StreamOptions,
    cache_control: str | None,
    default_sender: Callable[..., Any],
    *,
    filename: str | None = None,
) -> HttpResponseBase:
    """Return the response that sends a stream, or an error response if a limit is exceeded."""
    try:
        return open_response(
            content,
            options,
            request=request,
            sender=get_view(request) or default_sender,
            filename=filename,
            headers={"Cache-Control": cache_control} if cache_control else {},
        )
    except TooManyRowsError:
        return reject_too_many_rows(unwrapped(request), options.max_rows)
    except TooManyStreamsError:
        return reject_too_many_streams(unwrapped(request), options.retry_after)


def get_view(request: Any) -> Any:
    """Return the view class or function of a request; None for a request without a URL."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        return None
    # Django's class-based views have the first attribute, those of REST framework the second.
    return getattr(match.func, "view_class", None) or getattr(match.func, "cls", match.func)
