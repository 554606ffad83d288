"""The memory of this process, for the page that shows it while a report is downloaded."""

import os
import sys
from pathlib import Path

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

STATUS = Path("/proc/self/statm")  # Linux: the sizes in pages; the second one is resident.


@never_cache
def memory(request: HttpRequest) -> JsonResponse:
    """Respond with the memory of the process that answers; null if the system does not tell."""
    return JsonResponse({"bytes": resident_memory()})


def resident_memory() -> int | None:
    """Return the resident memory of this process in bytes; its peak on systems without /proc."""
    if STATUS.exists():
        return int(STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
