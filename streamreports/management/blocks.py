"""Read the blocks of a response, and report errors in one line."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from streamreports.backends.registry import explain_error
from streamreports.management.interrupts import Interrupts
from streamreports.responses import ReportResponse
from streamreports.signals import Outcome
from streamreports.streaming.body import ReportBody


@contextmanager
def quiet_log() -> Iterator[None]:
    """Suppress tracebacks unless the project configures logging; the command reports errors.

    Python prints the warnings and errors of loggers without handlers.
    """
    logger, handler = logging.getLogger("streamreports"), logging.NullHandler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


@contextmanager
def one_line_errors(path: str) -> Iterator[None]:
    """Raise CommandError for any exception; ``path``: the path of the report."""
    try:
        yield
    except CommandError:
        raise
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from error
    except Exception as error:
        message = _("%(path)s raised %(error)s: %(message)s. %(cure)s") % {
            "path": path,
            "error": type(error).__name__,
            "message": str(error).strip().rstrip("."),
            "cure": explain_error(error) or _("--traceback shows where."),
        }
        raise CommandError(" ".join(message.split())) from error


def blocks_of(response: HttpResponseBase, path: str, interrupts: Interrupts) -> Iterator[bytes]:
    """Yield the blocks of a response; raise CommandError if the file is incomplete.

    An interrupt is raised after the current block; the block of a report is cancelled.
    """
    cancel = response.body.cancel if isinstance(response, ReportResponse) else lambda: None
    blocks: Iterator[bytes] = iter(response)
    while True:
        with interrupts.deferred(cancel), one_line_errors(path):
            block = next(blocks, None)
        if block is None:
            break
        yield block
    if isinstance(response, ReportResponse) and response.body.outcome != Outcome.COMPLETED:
        raise CommandError(_("%(path)s was truncated.") % {"path": path})


def report_body(response: HttpResponseBase) -> ReportBody | None:
    """Return the body of a report's response; None for other content."""
    if isinstance(response, ReportResponse) and response.body.stream.report is not None:
        return response.body
    return None
