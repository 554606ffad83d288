"""Signals of streamreports."""

from django.dispatch import Signal

#: Sent once for each report that was begun, whatever ended it. The sender is the view class.
#: Arguments: ``request``, ``report``, ``rows`` and ``bytes`` (what left), ``seconds`` (since the
#: report was begun), ``outcome`` ("completed", "aborted" by the client's leaving, or "failed") and
#: ``exception`` (what made it fail, else None).
report_finished = Signal()
