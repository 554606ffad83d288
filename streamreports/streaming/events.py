"""Send signals and log messages for the start and the end of a stream."""

import logging
import time
from typing import Any

from django.http import HttpRequest

from streamreports.backends.registry import explain_error
from streamreports.formats.base import Format
from streamreports.reports import Report
from streamreports.signals import Outcome, report_finished, report_started

logger = logging.getLogger("streamreports")


class ReportEvents:
    """Send the signals of one stream, and log its end.

    ``sender``: the sender of the signals, whose name is logged: a view class or function.
    ``report`` and ``format``: the streamed report and its format; None for other streams.
    """

    def __init__(
        self,
        sender: Any,
        request: HttpRequest,
        report: Report | None,
        format: Format | None = None,
    ) -> None:
        self.sender = sender
        self.name = getattr(sender, "__qualname__", None) or repr(sender)
        self.request = request
        self.report = report
        self.format = format

    def start(self) -> None:
        """Send ``report_started``."""
        self._started = time.monotonic()
        report_started.send_robust(sender=self.sender, request=self.request, report=self.report)

    def finish(
        self, outcome: Outcome, *, rows: int, bytes: int, exception: BaseException | None
    ) -> None:
        """Log the end of the stream, and send ``report_finished``."""
        seconds = time.monotonic() - self._started
        cause = explain_error(exception) if exception else ""
        logger.log(
            logging.ERROR if outcome == Outcome.FAILED else logging.INFO,
            "%s %s: %s%d bytes in %.2f s%s",
            self.name,
            outcome,
            f"{rows} rows, " if self.report is not None else "",
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
            format=self.format,
            rows=rows,
            bytes=bytes,
            seconds=seconds,
            outcome=outcome,
            exception=exception,
        )
