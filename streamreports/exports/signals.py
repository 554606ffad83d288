"""The signal of exports."""

from django.dispatch import Signal

#: Sent when an export is done, has failed or was cancelled, by the process that ended it. The
#: sender is ``Export``; the argument ``export`` is the row.
export_finished = Signal()
