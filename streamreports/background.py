"""The interface between report views and exports, which run in the background."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse

MARK = "streamreports_export"  # an attribute of the requests of exports
WATCH = "_streamreports_watch"  # an attribute: the function to call with the response body

#: Starts the export of the requested report; set by the app ``streamreports.exports``.
start_export: Callable[[HttpRequest], HttpResponseBase] | None = None
#: Starts the export of the report at a path with a query string; redirects browsers to its page.
start_export_of: Callable[[HttpRequest, str], HttpResponseBase] | None = None


def exports_url() -> str | None:
    """Return the URL that starts exports; None if the project does not use them."""
    try:
        return None if start_export is None else reverse("exports:list")
    except NoReverseMatch:
        return None


def mark_export(
    request: HttpRequest, export: Any, watch: Callable[[Any], None] = lambda body: None
) -> None:
    """Mark a request as the request of an export.

    ``watch``: is called with the ``ReportBody`` of the response, before the first query.
    """
    setattr(request, MARK, export)
    setattr(request, WATCH, watch)


def announce_body(request: HttpRequest, body: Any) -> None:
    """Pass the body of the response to the export that the request belongs to, if any."""
    if is_export(request):
        getattr(request, WATCH)(body)


def is_export(request: HttpRequest) -> bool:
    """Return True for the request of an export, or one that checks if it can run."""
    return hasattr(request, MARK)


def get_export(request: HttpRequest) -> Any:
    """Return the export that a worker runs with a request; None for the request of a user.

    A request that checks whether an export can run or be downloaded belongs to the user.
    """
    return getattr(request, MARK, None)


def prefers_async(request: HttpRequest) -> bool:
    """Return True if the client prefers an asynchronous response (RFC 7240, section 4.1)."""
    preferences = request.headers.get("Prefer", "").lower().split(",")
    return any(each.partition(";")[0].strip() == "respond-async" for each in preferences)
