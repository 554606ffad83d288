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
    """Load the user of a report when it starts: when it ends, the session may have ended too."""
    if report is not None and get_settings().log_reports and not has_event_loop():
        get_user(request)


def record(sender: Any, report: Report | None, signal: Any, **kwargs: Any) -> None:
    """Record a report. A failure is logged, as the report itself must not fail.

    The connection of the report has been released, and its place in a pool given back.
    """
    if report is None or not get_settings().log_reports:
        return

    def save() -> None:
        try:
            save_entry(create_entry(sender=sender, report=report, **kwargs))
        except Exception:
            logger.exception("The report of %s could not be recorded.", dotted_path(sender))

    if has_event_loop():  # Django allows no queries in its thread.
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
        # The report broke the connection, or lasted longer than the database keeps an idle one.
        connection.close()
        entry.save(using=using, force_insert=True)
