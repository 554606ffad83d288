"""Cancel exports."""

from streamreports.exports.models import Export
from streamreports.exports.running import announce


def cancel_export(export: Export) -> bool:
    """Cancel a waiting export, or request its worker to cancel it; False if it has ended.

    ``export_finished`` is sent by this function if the export was waiting, otherwise by the worker.
    """
    if export.cancel_waiting():
        announce(export.pk)
        return True
    return export.request_cancel()
