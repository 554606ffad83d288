"""Cancel exports, as their owners or operators want it."""

from streamreports.exports.models import Export
from streamreports.exports.running import announce


def cancel_export(export: Export) -> bool:
    """Cancel an export that waits, or ask its worker to do so; return False if it has ended.

    Who cancels it sends ``export_finished``: this, or the worker.
    """
    if export.cancel_waiting():
        announce(export.pk)
        return True
    return export.request_cancel()
