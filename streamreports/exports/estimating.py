"""How many rows an export will have, so that its owner sees how far it is."""

import logging

from django.db import connections

from streamreports.backends.registry import get_backend
from streamreports.exceptions import TimeLimitError
from streamreports.previews.counting import count_rows, simplified
from streamreports.reports import Report

logger = logging.getLogger("streamreports")

TIME_LIMIT = 1.0  # seconds that the start of an export may wait


def estimate_rows(report: Report) -> int | None:
    """Return about how many rows a report has; None if counting them takes too long.

    It must be called before the report is read, which takes the connection. An error is left to the
    report itself, whose query has the same conditions.
    """
    backend = get_backend(connections[report.queryset.db])
    try:
        with backend.open_transaction(), backend.limit_time(TIME_LIMIT):
            count = count_rows(report)
            if count.is_lower_bound:  # The planner of the database has no estimate.
                return simplified(report.records).count()
    except TimeLimitError:
        return None
    except Exception:  # Nothing fails for want of an estimate.
        logger.debug("The rows of an export were not counted.", exc_info=True)
        return None
    return count.number
