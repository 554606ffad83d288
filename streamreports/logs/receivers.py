"""Record each report when it has ended."""

import logging
from typing import Any

from django.db import Error, connections, router, transaction
from django.http import HttpRequest

from streamreports.conf import get_settings
from streamreports.logs.entries import create_entry, dotted_path, get_user
from streamreports.logs.models import ReportLog
from streamreports.reports import Report
from streamreports.signals import report_finished, report_started
from streamreports.streaming.threads import has_event_loop, run_in_thread

logger = logging.getLogger("streamreports")


def connect() -> None:
    """Connect the receivers."""
    report_started.connect(load_user)
    report_finished.connect(record)


def load_user(request: HttpRequest, report: Report | None, **kwargs: Any) -> None:
    """Load the user of a report when it starts, since the session may have ended at its end."""
    if report is not None and get_settings().log_reports and not has_event_loop():
        get_user(request)


def record(sender: Any, report: Report | None, signal: Any, **kwargs: Any) -> None:
    """Record a report. Errors are logged, since the report itself must not fail.

    By this time, the connection of the report has been released, or returned to its pool.
    """
    if report is None or not get_settings().log_reports:
        return

    def save() -> None:
        try:
            save_entry(create_entry(sender=sender, report=report, **kwargs))
        except Exception:
            logger.exception("The report of %s could not be recorded.", dotted_path(sender))

    if has_event_loop():  # Django does not allow queries in its thread.
        run_in_thread(save, f"Recording the report of {dotted_path(sender)}")
    else:
        save()


def save_entry(entry: ReportLog) -> None:
    """Insert an entry. In a transaction, a failure leaves the transaction usable."""
    using = router.db_for_write(ReportLog)
    connection = connections[using]
    if not connection.get_autocommit():
        with transaction.atomic(using=using):  # a savepoint
            entry.save(using=using, force_insert=True)
        return
    try:
        entry.save(using=using, force_insert=True)
    except Error:
        if connection.connection is None or connection.is_usable():
            raise
        # The report has broken the connection, or the database has closed it because it was idle.
        connection.close()
        entry.save(using=using, force_insert=True)
