"""The progress of an export, as text in the active language."""

from dataclasses import dataclass
from datetime import timedelta

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from streamreports.conf import get_settings
from streamreports.exports.models import Export
from streamreports.previews.counting import COUNTED_ROWS
from streamreports.previews.figures import RowCount, counted, rounded

MEASURED_SECONDS = 2  # before that, the speed is not meaningful
START_SECONDS = 30  # an export that waits longer has no worker, unless others are running
MINUTE, HOUR = 60, 60 * 60


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The progress of an export. Unknown texts are empty.

    ``share``: the fraction of finished rows, from 0 to 1. ``summary``: the state. While the export
    is running, it changes only every ten percent, so that screen readers are not interrupted
    constantly.
    """

    share: float | None
    summary: str
    rows: str
    size: str
    speed: str
    remaining: str


def progress_of(export: Export) -> Progress:
    """Return the progress of an export."""
    share, speed = share_of(export), speed_of(export)
    return Progress(
        share=share,
        summary=summary_of(export, share),
        rows=rows_of(export),
        size=filesizeformat(export.bytes) if export.bytes else "",
        speed=speed_text(speed) if speed else "",
        remaining=remaining_text(export, speed) if speed else "",
    )


def share_of(export: Export) -> float | None:
    """Return the fraction of finished rows; None if unknown."""
    if export.state != Export.State.RUNNING or not export.estimated_rows:
        return None
    share = export.rows / export.estimated_rows
    return share if share <= 1 else None  # Otherwise, the estimate was too low.


def speed_of(export: Export) -> float | None:
    """Return the rows per second; None if unknown."""
    if export.started is None or export.lease_expires is None:
        return None
    # The rows were counted when the lease was renewed. Both times are from the clock of the
    # database, which may differ from the clock of this machine.
    counted_at = export.lease_expires - timedelta(seconds=get_settings().export_lease)
    seconds = (counted_at - export.started).total_seconds()
    return export.rows / seconds if seconds >= MEASURED_SECONDS and export.rows else None


def summary_of(export: Export, share: float | None) -> str:
    """Return the state as text, with the percentage rounded down to tens."""
    label = export.get_state_display()
    if export.state == Export.State.RUNNING and export.cancel_requested:
        return _("Being cancelled")
    if export.is_refused:
        return _("Waiting: the queue cannot be reached. The export starts when it is back.")
    if is_left(export):
        return _("Waiting: no worker seems to run. If this lasts, contact the site administrator.")
    if share is None or share < 0.1:
        return label
    percent = int(share * 10) * 10
    return _("%(state)s, %(percent)s%% done") % {"state": label, "percent": number_format(percent)}


def is_left(export: Export) -> bool:
    """Return True for an export that has waited for a while although no other is running."""
    if export.state != Export.State.QUEUED:
        return False
    # A difference of a few seconds between this clock and that of the database is irrelevant.
    waits = (timezone.now() - export.created).total_seconds() > START_SECONDS
    return waits and not Export.objects.filter(state=Export.State.RUNNING).exists()


def rows_of(export: Export) -> str:
    """Return the number of finished rows, and the expected number."""
    if export.state == Export.State.DONE:
        return str(RowCount(export.rows))
    if not export.rows:
        return ""
    if share_of(export) is None:
        return str(RowCount(export.rows))
    expected = export.estimated_rows or 0
    return _("%(number)s of %(total)s") % {
        "number": number_format(export.rows, force_grouping=True),
        "total": RowCount(expected, is_exact=expected <= COUNTED_ROWS),
    }


def speed_text(speed: float) -> str:
    """Return the rows per second as text."""
    number = max(1, rounded(int(speed)))
    text = ngettext("%(number)s row per second", "%(number)s rows per second", number)
    return counted(text, number)


def remaining_text(export: Export, speed: float) -> str:
    """Return the remaining time as text; empty if unknown."""
    if share_of(export) is None:
        return ""
    seconds = ((export.estimated_rows or 0) - export.rows) / speed
    if seconds < MINUTE:
        return _("less than a minute")
    if seconds < 2 * HOUR:
        number = round(seconds / MINUTE)
        return counted(
            ngettext("about %(number)s minute", "about %(number)s minutes", number), number
        )
    number = round(seconds / HOUR)
    return counted(ngettext("about %(number)s hour", "about %(number)s hours", number), number)
