"""Announce the start and the end of a report: signals, and a line in the log."""

import logging
import time
from typing import Any

from django.http import HttpRequest

from streamreports.backends.registry import explain_error
from streamreports.reports import Report
from streamreports.signals import Outcome, report_finished, report_started

logger = logging.getLogger("streamreports")


class ReportEvents:
    """Send the signals of one report, and log its end.

    ``sender``: the sender of the signals, whose name is logged: a view class or function.
    """

    def __init__(self, sender: Any, request: HttpRequest, report: Report) -> None:
        self.sender = sender
        self.name = getattr(sender, "__qualname__", None) or repr(sender)
        self.request = request
        self.report = report

    def start(self) -> None:
        """Send ``report_started``."""
        self._started = time.monotonic()
        report_started.send_robust(sender=self.sender, request=self.request, report=self.report)

    def finish(
        self, outcome: Outcome, *, rows: int, bytes: int, exception: BaseException | None
    ) -> None:
        """Log the end of the report, and send ``report_finished``."""
        seconds = time.monotonic() - self._started
        cause = explain_error(exception) if exception else ""
        logger.log(
            logging.ERROR if outcome == Outcome.FAILED else logging.INFO,
            "%s %s: %d rows, %d bytes in %.2f s%s",
            self.name,
            outcome,
            rows,
            bytes,
            seconds,
            f". {cause}" if cause else "",
            exc_info=exception,
            extra={"request": self.request},
        )
        report_finished.send_robust(
            sender=self.sender,
            request=self.request,
            report=self.report,
            rows=rows,
            bytes=bytes,
            seconds=seconds,
            outcome=outcome,
            exception=exception,
        )
