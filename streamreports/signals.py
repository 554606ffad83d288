"""Signals for the start and the end of a report."""

from enum import StrEnum

from django.dispatch import Signal


class Outcome(StrEnum):
    """How a report, or another stream, ended."""

    COMPLETED = "completed"  # Every block was passed to the server.
    # The client disconnected, the response was closed or discarded, or Ctrl-C was pressed.
    ABORTED = "aborted"
    FAILED = "failed"  # An exception was raised.


#: Sent when a report starts, before its first query.
#:
#: The sender is the view class, or the view function that called ``stream_report()``. Arguments:
#: ``request`` (an ``HttpRequest``) and ``report`` (a ``Report``). The streams that are not reports,
#: such as those of ``StreamingView`` and ``stream()``, send both signals too: their ``report`` is
#: None, and they have 0 ``rows``.
report_started = Signal()

#: Sent once for each report that was started, however it ended. The sender is that of
#: ``report_started``.
#:
#: Arguments: ``request``, ``report``, ``format`` (a ``Format``; None for other streams), ``rows``
#: and ``bytes`` (what was passed to the server; bytes of a compressed report are those after
#: compression), ``seconds`` (since the start of the report), ``outcome`` (an ``Outcome``) and
#: ``exception`` (what made the report fail, or None).
report_finished = Signal()
