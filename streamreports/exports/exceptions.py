"""Exceptions that prevent or end an export."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class NoReportError(Exception):
    """There is no report at a path that can run in the background."""

    def __init__(self, path: str) -> None:
        super().__init__(
            _("No report at %(path)s can be prepared in the background.") % {"path": path[:100]}
        )


class QuotaError(Exception):
    """A user has too many exports: ``limit`` of them are waiting and running, or kept."""

    def __init__(self, limit: int, *, is_active: bool) -> None:
        active = ngettext(
            "%(number)s export is already in preparation. Wait for it, or cancel it.",
            "%(number)s exports are already in preparation. Wait for one, or cancel one.",
            limit,
        )
        kept = ngettext(
            "You have %(number)s export. Delete it before you start another one.",
            "You have %(number)s exports. Delete some before you start another one.",
            limit,
        )
        super().__init__((active if is_active else kept) % {"number": limit})


class SiteQuotaError(Exception):
    """All users together have too many exports. ``retry_after``: seconds until that may change."""

    def __init__(self, *, is_active: bool) -> None:
        active = _("Too many exports are in preparation on this site. Try again later.")
        kept = _("There is no room for more exports on this site. Try again later.")
        super().__init__(active if is_active else kept)
        self.retry_after = 60 if is_active else 60 * 60


class EqualExportError(Exception):
    """An export cannot be retried, since an identical one is waiting or running."""


class ExportError(Exception):
    """An export has failed; the message is for its owner."""


class ExportCancelled(Exception):  # noqa: N818  It is not an error.
    """The owner of an export has cancelled it."""


class LeaseLost(Exception):  # noqa: N818  It is not an error.
    """Another worker has taken over, since the lease was not renewed in time."""
