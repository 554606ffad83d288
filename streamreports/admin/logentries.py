"""Record each export of a changelist in the admin log."""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connections, router
from django.http import HttpRequest
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from streamreports.admin.views import ChangeListReportView
from streamreports.background import get_export
from streamreports.reports import Report
from streamreports.signals import Outcome


@dataclass(frozen=True)
class LoggedExport:
    """The log entry of an export that has started; in the background, it is not saved yet.

    ``query``: the filters, search and ordering, as in the URL. ``language``: of the messages.
    """

    entry: Any
    query: str
    language: str | None

    def complete(self, outcome: Outcome, rows: int) -> None:
        """Update the log entry with the outcome of the export."""
        using = self.entry._state.db or router.db_for_write(type(self.entry))
        if outcome == Outcome.FAILED and connections[using].get_autocommit():
            # The database may have ended the report by closing the connection. Without autocommit,
            # it may be in a transaction, which this would end.
            connections[using].close_if_unusable_or_obsolete()
        with translation.override(self.language):
            self.entry.change_message = message(ENDS[outcome](rows), self.query)
        is_new = self.entry._state.adding
        self.entry.save(using=using, update_fields=None if is_new else ["change_message"])


def exported(rows: int) -> str:
    """Return the message for an export that is complete."""
    return ngettext("Exported %(rows)d row.", "Exported %(rows)d rows.", rows) % {"rows": rows}


def aborted(rows: int) -> str:
    """Return the message for an export whose client disconnected."""
    return ngettext(
        "Export cancelled after %(rows)d row.", "Export cancelled after %(rows)d rows.", rows
    ) % {"rows": rows}


def failed(rows: int) -> str:
    """Return the message for an export that raised an exception."""
    return ngettext(
        "Export failed after %(rows)d row.", "Export failed after %(rows)d rows.", rows
    ) % {"rows": rows}


ENDS = {Outcome.COMPLETED: exported, Outcome.ABORTED: aborted, Outcome.FAILED: failed}
STATES = {
    "done": Outcome.COMPLETED,
    "cancelled": Outcome.ABORTED,
    "failed": Outcome.FAILED,
}

# By their reports, or by the rows of the exports in the background.
_exports: WeakKeyDictionary[Any, LoggedExport] = WeakKeyDictionary()


def log_start(sender: Any, request: HttpRequest, report: Report, **kwargs: Any) -> None:
    """Create a log entry when the export of a changelist starts.

    For an export in the background, it is saved at the end, since another worker may restart it.
    """
    if not is_changelist_report(sender):
        return
    # These models need the admin to be installed.
    from django.contrib.admin.models import CHANGE, LogEntry
    from django.contrib.contenttypes.models import ContentType

    user: Any = request.user
    model = report.queryset.model
    query = query_of(request)
    entry = LogEntry(
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(model, for_concrete_model=False),
        object_repr=capfirst(str(model._meta.verbose_name_plural))[:200],
        action_flag=CHANGE,  # There is no flag for exports.
        change_message=message(_("Export started."), query),
    )
    export = LoggedExport(entry, query, translation.get_language())
    row = get_export(request)
    if row is not None:
        _exports.pop(row, None)  # Otherwise, the weak key would remain that of a previous attempt.
        _exports[row] = export
    else:
        entry.save()
        _exports[report] = export


def log_end(report: Report | None, outcome: Outcome, rows: int, **kwargs: Any) -> None:
    """Complete the log entry of an export when it ends."""
    export = None if report is None else _exports.pop(report, None)
    if export is not None:
        export.complete(outcome, rows)


def log_export_end(sender: Any, export: Any, **kwargs: Any) -> None:
    """Save the log entry of an export in the background that this worker has ended."""
    logged = _exports.pop(export, None)
    if logged is not None:
        logged.complete(STATES[export.state], export.rows)


def is_changelist_report(sender: Any) -> bool:
    """Return True for the views that export changelists."""
    return isinstance(sender, type) and issubclass(sender, ChangeListReportView)


def query_of(request: HttpRequest) -> str:
    """Return the query string of an export, with the posted primary keys."""
    query = request.GET.copy()
    if request.method == "POST":
        query["pk__in"] = ",".join(request.POST.getlist(ACTION_CHECKBOX_NAME))
    return query.urlencode(safe=",")


def message(event: str, query: str) -> str:
    """Return the message for an event, with the filters of the export if there are any."""
    if not query:
        return event
    return _("%(event)s Filters: %(query)s") % {"event": event, "query": query}
