"""Run an export: send its request, and store the response as a file."""

import logging
import os
import socket
import sys
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.core.signals import got_request_exception
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from streamreports.background import get_export
from streamreports.conf import get_settings
from streamreports.exports.estimating import estimate_rows
from streamreports.exports.exceptions import ExportError
from streamreports.exports.leases import Lease, claim
from streamreports.exports.models import Export
from streamreports.exports.sending import send_request
from streamreports.exports.signals import export_finished
from streamreports.exports.storage import StoredFile, get_storage, save_blocks
from streamreports.responses import ReportResponse
from streamreports.signals import Outcome
from streamreports.streaming.body import ReportBody

logger = logging.getLogger("streamreports")

MAX_WAITS = 30  # for a slot, if the concurrent streams of the report are limited
RETRY_SECONDS = 10  # the default if the response has no Retry-After
MAX_RETRY_SECONDS = 60  # the maximum, since other exports wait for the worker


def run_export(export_id: Any) -> bool:
    """Run an export, unless another worker is running it or it has ended. Return True if run.

    It is safe to call this function more than once for an export, even at the same time.
    """
    options = get_settings()
    lease = claim(
        export_id, new_worker(), seconds=options.export_lease, attempts=options.export_attempts
    )
    if lease is None:
        give_up(export_id, options.export_attempts)
        return False
    try:
        with lease.kept(), translation.override(lease.export.language):
            has_ended = generate(lease)
    except BaseException:
        lease.export.release(lease.worker)
        raise
    if has_ended:
        announce(export_id)
    return True


def generate(lease: Lease) -> bool:
    """Generate the file of an export, and record the result.

    Return False if another worker has taken over, which then announces the end.
    """
    try:
        stored = write(lease)
    except Exception as error:  # noqa: BLE001  A view may raise anything.
        return record_failure(lease, error)
    return complete(lease, stored)


def record_failure(lease: Lease, error: Exception) -> bool:
    """Record why an export has failed; a cancelled query raises a database error."""
    export = lease.export
    if lease.is_cancelled:
        return export.acknowledge_cancel(lease.worker)
    if lease.is_lost:
        logger.warning("The export %s was taken over by another worker.", export.pk)
        return False
    if isinstance(error, ExportError):
        return export.fail(lease.worker, str(error))
    logger.error("The export %s failed.", export.pk, exc_info=error)
    message = _("The report could not be generated. Try again, or contact the site administrator.")
    return export.fail(lease.worker, message, "".join(traceback.format_exception(error)))


def complete(lease: Lease, stored: StoredFile) -> bool:
    """Record the file of an export, or delete it if another worker has taken over."""
    rows, _bytes = lease.progress
    is_done = lease.export.complete(
        lease.worker,
        expiry=get_settings().export_expiry,
        rows=rows,
        file=stored.name,
        bytes=stored.size,
        sha256=stored.sha256,
    )
    if is_done:
        return True
    get_storage().delete(stored.name)
    return lease.export.acknowledge_cancel(lease.worker)


def write(lease: Lease) -> StoredFile:
    """Write the file of an export to the storage, where it is visible only if complete."""
    response = respond(lease)
    try:
        report = require_report(response)
        Export.objects.filter(pk=lease.export.pk).update(
            filename=report.filename or "",
            content_type=report.headers["Content-Type"],
            estimated_rows=lease.estimated_rows,
        )
        return save_blocks(blocks_of(report, lease), str(uuid.uuid4()))
    finally:
        response.close()


def respond(lease: Lease) -> HttpResponseBase:
    """Return the response to the request of an export; wait for a slot if necessary."""
    for _number in range(MAX_WAITS):
        with raised_exceptions(lease.export):
            response = send_request(lease.export, partial(watch, lease))
        if response.status_code != 503:
            return response
        response.close()
        retry_after = response.headers.get("Retry-After", "")
        seconds = int(retry_after) if retry_after.isdecimal() else RETRY_SECONDS
        lease.wait(min(seconds, MAX_RETRY_SECONDS))
    raise ExportError(_("Too many reports are being downloaded. Try again later."))


def watch(lease: Lease, body: ReportBody) -> None:
    """Let the lease watch a body, and estimate its number of rows, before it is read."""
    lease.watch(body)
    if body.stream.report is not None:
        lease.estimated_rows = estimate_rows(body.stream.report)


@contextmanager
def raised_exceptions(export: Export) -> Iterator[None]:
    """Raise exceptions of the view, which Django would convert to responses with status 500."""
    raised: list[BaseException] = []

    def receive(request: Any, **kwargs: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None and get_export(request) is export:
            raised.append(error)

    got_request_exception.connect(receive)
    try:
        yield
    finally:
        got_request_exception.disconnect(receive)
    if raised:
        raise raised[0]


def require_report(response: HttpResponseBase) -> ReportResponse:
    """Return the response of a report; raise ExportError for any other response."""
    is_ok = response.status_code == 200
    if is_ok and isinstance(response, ReportResponse) and response.body.stream.report is not None:
        return response
    reasons = {
        302: _(
            "The report could not be generated: its URL redirects to another page (302). It may"
            " need a session, which exports do not have."
        ),
        400: _("The parameters of the report are no longer valid (400)."),
        403: _("You may no longer see this report (403)."),
        404: _("The report no longer exists (404)."),
        413: _("The report has become too large (413)."),
    }
    other = _("The report could not be generated: its URL returned %(status)s.")
    reason = reasons.get(response.status_code, other) % {"status": response.status_code}
    raise ExportError(reason)


def blocks_of(response: ReportResponse, lease: Lease) -> Iterator[bytes]:
    """Yield the blocks of a report; raise an exception if the report is incomplete."""
    for block in response:
        yield block
        lease.require()
    lease.require()
    if response.body.outcome != Outcome.COMPLETED:
        raise RuntimeError(f"The report ended as {response.body.outcome}.")


def give_up(export_id: Any, attempts: int) -> None:
    """Fail an export that was started ``attempts`` times and never finished."""
    export = Export.objects.filter(pk=export_id).first()
    if export is None:
        return
    with translation.override(export.language):
        error = _("The report could not be generated: it was interrupted %(number)s times.")
    if export.give_up(error % {"number": attempts}, attempts=attempts):
        announce(export_id)


def announce(export_id: Any) -> None:
    """Send ``export_finished`` for an export that has ended."""
    export = Export.objects.filter(pk=export_id).first()
    if export and export.state in (Export.State.DONE, Export.State.FAILED, Export.State.CANCELLED):
        export_finished.send_robust(sender=Export, export=export)


def new_worker() -> str:
    """Return a unique name for one claim of this process, since leases are never shared."""
    return f"{process_name()}{uuid.uuid4().hex[:16]}"


def process_name() -> str:
    """Return the prefix of the names of this process's workers."""
    return f"{socket.gethostname()[:24]}:{os.getpid()}:"
