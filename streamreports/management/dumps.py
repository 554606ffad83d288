"""Write a response to a file or to standard output, and show the progress."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT
from typing import TextIO

from django.core.management.base import CommandError
from django.db import DatabaseError
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from streamreports.management.blocks import blocks_of, report_body
from streamreports.management.files import one_line_file_errors, open_output, require_writable
from streamreports.management.interrupts import interruptible
from streamreports.management.progress import (
    NoProgress,
    Progress,
    is_terminal,
    open_progress,
    summary,
)
from streamreports.reports import Report
from streamreports.streaming.body import ReportBody
from streamreports.writing.files import write_all


@dataclass(frozen=True, kw_only=True)
class Dump:
    """Where a report is written, and what is printed about it.

    ``path``: of the file; None for standard output. ``stdout``, ``stderr``: streams of Python.
    ``quiet``: whether nothing is printed about it.
    """

    path: Path | None
    stdout: TextIO
    stderr: TextIO
    quiet: bool

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Raise CommandError if the file cannot be written, or if the process is interrupted."""
        try:
            with one_line_file_errors(self.path):
                if self.path is not None:
                    require_writable(self.path)
                yield
        except KeyboardInterrupt as interrupt:
            result = (
                _("The output is incomplete.") if self.path is None else _("No file was written.")
            )
            raise CommandError(
                _("Interrupted. %(result)s") % {"result": result},
                returncode=128 + getattr(interrupt, "signum", SIGINT),
            ) from None

    def write(self, response: HttpResponseBase, path: str, started: float) -> None:
        """Write the file of a response.

        ``path``: what was requested, for messages. ``started``: the time of the request.
        """
        body, size = report_body(response), 0
        with (
            closing(self._progress(body)) as progress,
            interruptible() as interrupts,
            open_output(self.path, self.stdout) as output,
        ):
            for block in blocks_of(response, path, interrupts):
                write_all(block, output)
                size += len(block)
                if body is not None:
                    progress.update(body.rows, size)
        if not self.quiet:
            seconds = time.monotonic() - started
            rows = None if body is None else body.rows
            self.stderr.write(f"{self.path or path}: {summary(rows, size, seconds)}\n")

    def _progress(self, body: ReportBody | None) -> Progress:
        """Return the progress display; nothing without a terminal, or if rows are printed on it."""
        if (
            self.quiet
            or body is None
            or not is_terminal(self.stderr)
            or (self.path is None and is_terminal(self.stdout))
        ):
            return NoProgress()
        return open_progress(self.stderr, count_rows(body.stream.report))


def count_rows(report: Report) -> int | None:
    """Return the number of rows of a report; None if the database cannot count them."""
    try:
        return report.records.count()
    except DatabaseError:
        return None
