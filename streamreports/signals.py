"""Signals that report how a report was delivered."""

from enum import StrEnum

from django.dispatch import Signal


class Outcome(StrEnum):
    """How a report ended."""

    COMPLETED = "completed"  # Every block was passed to the server.
    ABORTED = "aborted"  # The client disconnected, or the response was closed or dropped.
    FAILED = "failed"  # An exception was raised.


#: Sent when a report starts, before its first query.
#:
#: The sender is the view class, or the view function that called ``stream_report()``. Arguments:
#: ``request`` (an ``HttpRequest``) and ``report`` (a ``Report``).
report_started = Signal()

#: Sent once for each report that was started, however it ended. The sender is that of
#: ``report_started``.
#:
#: Arguments: ``request``, ``report``, ``rows`` and ``bytes`` (what was passed to the server),
#: ``seconds`` (since the start of the report), ``outcome`` (an ``Outcome``) and ``exception`` (what
#: made the report fail, or None).
report_finished = Signal()
