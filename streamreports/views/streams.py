"""Stream the response of a view, within limits."""

from collections.abc import Callable

from django.db import connections, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from streamreports.exceptions import TooManyStreamsError
from streamreports.problems import reject_too_many_streams
from streamreports.responses import ReportResponse, open_response
from streamreports.streaming.options import StreamOptions
from streamreports.writing.base import BlockStream


class StreamMixin:
    """Stream the response of a view, within limits.

    ``cache_control``: the value of the Cache-Control header; None leaves it unset.
    ``max_concurrent_streams``: the limit per process. Further requests wait up to ``slot_timeout``
    seconds, as do requests for a report that would take the last connection of a pool. They then
    get 503 with ``retry_after``, in seconds, as the Retry-After header.
    ``response_class``: a subclass of ``ReportResponse``.
    """

    request: HttpRequest

    cache_control: str | None = "private, no-store"
    max_concurrent_streams: int | None = StreamOptions.max_concurrent_streams
    slot_timeout: float = StreamOptions.slot_timeout
    retry_after: int = StreamOptions.retry_after
    response_class: type[ReportResponse] = ReportResponse

    def send(self, stream: BlockStream, *, filename: str | None = None) -> HttpResponseBase:
        """Return the response that sends a stream, or an error response if a limit is exceeded.

        Raises ReportError if an option is invalid, TransactionError inside a transaction, PoolError
        if the connection pool is too small for a report, and TooManyRowsError for a report with
        more than ``max_rows`` rows.
        """
        options = self.get_stream_options()
        options.validate(type(self).__name__)
        try:
            return open_response(
                stream,
                options,
                request=self.request,
                sender=type(self),
                filename=filename,
                headers=self.get_headers(),
                response_class=self.response_class,
            )
        except TooManyStreamsError:
            return self.handle_too_many_streams()

    def handle_too_many_streams(self) -> HttpResponseBase:
        """Return the response if no slot became available, or raise an exception."""
        return reject_too_many_streams(self.request, self.retry_after)

    def get_headers(self) -> dict[str, str]:
        """Return the headers of the response, except its content type and file name."""
        return {"Cache-Control": self.cache_control} if self.cache_control else {}

    def get_max_concurrent_streams(self) -> int | None:
        """Return the number of concurrent streams of this view per process; None for no limit."""
        return self.max_concurrent_streams

    def get_stream_options(self) -> StreamOptions:
        """Return the options and limits of the stream."""
        return StreamOptions(
            max_concurrent_streams=self.get_max_concurrent_streams(),
            slot_timeout=self.slot_timeout,
            retry_after=self.retry_after,
        )


def exempt_from_transactions(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Return a view that is exempt from ATOMIC_REQUESTS for all databases."""
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view
