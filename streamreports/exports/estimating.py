"""Estimate the number of rows of an export, for its progress."""

import logging

from django.db import connections

from streamreports.backends.registry import get_backend
from streamreports.exceptions import TimeLimitError
from streamreports.previews.counting import count_rows, simplified
from streamreports.reports import Report

logger = logging.getLogger("streamreports")

TIME_LIMIT = 1.0  # seconds by which the start of an export may be delayed


def estimate_rows(report: Report) -> int | None:
    """Return the approximate number of rows of a report; None if counting takes too long.

    Call this before the report is read, which occupies the connection. Errors are ignored: the
    report's query has the same conditions, and will raise them.
    """
    backend = get_backend(connections[report.queryset.db])
    try:
        with backend.open_transaction(), backend.limit_time(TIME_LIMIT):
            count = count_rows(report)
            if count.is_lower_bound:  # The query planner has no estimate.
                return simplified(report.records).count()
    except TimeLimitError:
        return None
    except Exception:  # An export must not fail because it has no estimate.
        logger.debug("The rows of an export were not counted.", exc_info=True)
        return None
    return count.number
