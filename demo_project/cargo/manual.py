"""The manual: its pages as built by Sphinx, or their Markdown if it is not built."""

from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.static import serve

SOURCE = Path(settings.BASE_DIR) / "docs"
BUILT = SOURCE / "_build" / "html"
MAX_LENGTH = 200  # characters of a path; file systems have limits, too


class Guide(NamedTuple):
    """A page of the manual: its path below ``docs/`` without an extension, and its title."""

    path: str
    title: str | Promise


# What to read about each report, by the name of its URL.
GUIDES = {
    "cargoes": [
        Guide("explanation/memory", _("Memory")),
        Guide("how-to/filters", _("Filters")),
        Guide("how-to/permissions", _("Columns by permission")),
    ],
    "simple": [Guide("tutorial", _("Tutorial"))],
    "full": [Guide("reference/columns", _("Columns"))],
    "excel": [Guide("how-to/excel", _("Files for Excel"))],
    "private": [Guide("reference/views", _("Views"))],
}


def manual(request: HttpRequest, path: str) -> HttpResponseBase:
    """Respond with a page or a file of the manual."""
    if len(path) > MAX_LENGTH:
        raise Http404
    if (BUILT / "index.html").is_file():
        return serve(request, path, str(BUILT))
    response = serve(request, f"{path.removesuffix('.html')}.md", str(SOURCE))
    response.headers["Content-Type"] = "text/plain; charset=utf-8"  # Browsers show it.
    return response
