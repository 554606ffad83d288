"""What report views know of exports, which are made in the background."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse

MARK = "streamreports_export"  # the attribute of the requests that exports make
WATCH = "_streamreports_watch"  # that of the function that is given the body of their responses

#: Starts the export of the report that is requested; the app ``streamreports.exports`` sets it.
start_export: Callable[[HttpRequest], HttpResponseBase] | None = None
#: Starts the export of the report at a path with a query string, and leads a browser to its page.
start_export_of: Callable[[HttpRequest, str], HttpResponseBase] | None = None


def exports_url() -> str | None:
    """Return where exports are started; None if the project does not make any."""
    try:
        return None if start_export is None else reverse("exports:list")
    except NoReverseMatch:
        return None


def mark_export(
    request: HttpRequest, export: Any, watch: Callable[[Any], None] = lambda body: None
) -> None:
    """Make a request one of an export.

    ``watch``: is called with the ``ReportBody`` of the response, before the first query.
    """
    setattr(request, MARK, export)
    setattr(request, WATCH, watch)


def announce_body(request: HttpRequest, body: Any) -> None:
    """Give the body of the response to the export that has made the request, if any."""
    if is_export(request):
        getattr(request, WATCH)(body)


def is_export(request: HttpRequest) -> bool:
    """Return True for a request that an export makes, or that checks if one can be made."""
    return hasattr(request, MARK)


def get_export(request: HttpRequest) -> Any:
    """Return the export that a worker makes with a request; None for the request of a user.

    A request that checks whether an export can be made, or downloaded, is one of the user.
    """
    return getattr(request, MARK, None)


def prefers_async(request: HttpRequest) -> bool:
    """Return True if the client asks for an asynchronous response (RFC 7240, section 4.1)."""
    preferences = request.headers.get("Prefer", "").lower().split(",")
    return any(each.partition(";")[0].strip() == "respond-async" for each in preferences)
