"""Check whether a report can run in the background when an export is requested."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

from streamreports.background import mark_export
from streamreports.discovery import view_attribute
from streamreports.exports.saved import SavedRequest
from streamreports.requests import call_match
from streamreports.responses import ReportResponse
from streamreports.views import StreamingReportView

CONTENT = {"_body", "_files", "_post"}  # attributes of a request after its POST has been read


@dataclass(frozen=True)
class Checked:
    """What is known about a report that can run in the background."""

    title: str
    filename: str
    content_type: str


def find_report(request: HttpRequest, path: str) -> ResolverMatch | None:
    """Return the view at a path, given without the script name.

    The callable in the URLconf has the attribute ``view_class``, as set by ``as_view()``. The class
    has ``background`` and ``get_report_view()``. None if there is no such view, or if its report
    does not run in the background.
    """
    if "\0" in path:  # PostgreSQL cannot store NUL.
        return None
    try:
        match = resolve(path, getattr(request, "urlconf", None))
    except Resolver404:
        return None
    view_class: Any = getattr(match.func, "view_class", None)
    if not isinstance(view_class, type) or not hasattr(view_class, "get_report_view"):
        return None
    return match if view_attribute(match.func, "background", False) else None


def check_report(
    request: HttpRequest, match: ResolverMatch, saved: SavedRequest
) -> Checked | HttpResponseBase:
    """Return what is known about a report, or an error response if it cannot run.

    The view is called with its decorators and a HEAD request that has the attributes that
    middleware has added to the current request: the user, the session, a tenant.
    """
    head = saved.build("HEAD")
    for name, value in vars(request).items():
        # What the class defines is the content of a request, such as its headers.
        if name not in vars(head) and name not in CONTENT and not hasattr(type(head), name):
            setattr(head, name, value)
    head.resolver_match = match
    mark_export(head, None)
    response: HttpResponseBase = call_match(match, head)
    if not isinstance(response, ReportResponse) or response.body.stream.report is None:
        return response
    # The response is not closed, since request_finished would close the connections.
    return Checked(
        title=title_of(match, head),
        filename=response.filename or "",
        content_type=response.headers["Content-Type"],
    )


def title_of(match: ResolverMatch, request: HttpRequest) -> str:
    """Return the title of a report view."""
    function: Any = match.func
    view = function.view_class(**function.view_initkwargs)
    view.setup(request, *match.args, **match.kwargs)
    report_view: StreamingReportView = view.get_report_view()
    return report_view.get_title()
