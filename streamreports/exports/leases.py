"""The lease of a worker on an export, which it must renew."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from django.db import connections

from streamreports.exports.exceptions import ExportCancelled, LeaseLost
from streamreports.exports.models import Export
from streamreports.streaming.body import ReportBody

logger = logging.getLogger("streamreports")

BEAT_SECONDS = 0.5  # between renewals, so that cancelling takes effect within a second


class Lease:
    """The lease of a worker on an export that it has claimed.

    When the export is cancelled or the lease is lost, the watched body is cancelled.
    """

    def __init__(self, export: Export, worker: str, seconds: float) -> None:
        self.export = export
        self.worker = worker
        self.seconds = seconds
        self.is_lost = False
        self.is_cancelled = False
        self.estimated_rows: int | None = None
        self._body: ReportBody | None = None
        self._ended = Event()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew the lease in a separate thread within this context.

        Renewing it between two blocks is not enough: the first block may take longer than the
        lease.
        """
        thread = Thread(target=self._keep, name=f"lease {self.export.pk}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def watch(self, body: ReportBody) -> None:
        """Track the progress of a body, and cancel it if the work must end."""
        self.require()
        self._body = body

    @property
    def progress(self) -> tuple[int, int]:
        """The rows and the bytes so far."""
        return (self._body.rows, self._body.bytes) if self._body else (0, 0)

    def require(self) -> None:
        """Raise ExportCancelled or LeaseLost if the work must end."""
        if self.is_cancelled:
            raise ExportCancelled
        if self.is_lost:
            raise LeaseLost

    def wait(self, seconds: float) -> None:
        """Wait; raise ExportCancelled or LeaseLost as soon as the work must end."""
        left = seconds
        while left > 0:
            self.require()
            self._ended.wait(min(left, BEAT_SECONDS))
            left -= BEAT_SECONDS
        self.require()

    def _keep(self) -> None:
        try:
            while not self._ended.wait(min(BEAT_SECONDS, self.seconds / 4)):
                self._beat()
                if (self.is_lost or self.is_cancelled) and self._body:
                    self._body.cancel()
                    return
        finally:
            connections.close_all()

    def _beat(self) -> None:
        """Renew the lease, and check whether the export has been cancelled.

        If the database does not respond now, it may do so before the lease expires.
        """
        try:
            rows, size = self.progress
            self.is_lost = not self.export.renew(
                self.worker, lease=self.seconds, rows=rows, bytes=size
            )
            self.is_cancelled = Export.objects.filter(
                pk=self.export.pk, cancel_requested=True
            ).exists()
        except Exception:
            logger.warning(
                "The lease of the export %s was not renewed.", self.export.pk, exc_info=True
            )
            connections.close_all()


def claim(export_id: Any, worker: str, *, seconds: float, attempts: int) -> Lease | None:
    """Return the lease on an export; None if another worker has it, or it has ended."""
    export = Export.objects.filter(pk=export_id).first()
    if export is None or not export.claim(worker, lease=seconds, attempts=attempts):
        return None
    claimed = Export.objects.filter(pk=export_id).first()  # The owner may have deleted it.
    return Lease(claimed, worker, seconds) if claimed else None
