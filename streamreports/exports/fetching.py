"""Send the file of an export to users who may still see the report."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from streamreports.exports.checking import Checked, check_report, find_report
from streamreports.exports.models import Export
from streamreports.exports.saved import SavedRequest
from streamreports.exports.serving import serve
from streamreports.problems import message_response

Ask = Callable[[HttpRequest, Export], HttpResponseBase | None]


def fetch(request: HttpRequest, export: Export, ask: Ask | None = None) -> HttpResponseBase:
    """Return the file of an export, or an error response such as 410.

    ``ask``: a function that returns a response if the report may not be seen, otherwise None. By
    default, it calls the view. Raises Http404 if the export is not done, and exceptions of the
    view.
    """
    if export.state == Export.State.EXPIRED:
        return gone(request)
    if export.state != Export.State.DONE:
        raise Http404(_("This export has no file."))
    refused = (ask or ask_view)(request, export)
    if refused is not None:
        return refused
    try:
        return serve(
            request,
            name=export.file,
            filename=export.filename,
            content_type=export.content_type,
            size=export.bytes,
            sha256=export.sha256,
            last_modified=export.finished or export.created,
        )
    except FileNotFoundError:
        return gone(request)


def ask_view(request: HttpRequest, export: Export) -> HttpResponseBase | None:
    """Return the response of the view if the user may not see the report, otherwise None.

    The view may raise PermissionDenied, for example.
    """
    with translation.override(export.language):  # The path may have a language prefix.
        match = find_report(request, export.path)
        if match is None:
            return gone(request)
        checked = check_report(request, match, SavedRequest.from_fields(export))
    if isinstance(checked, Checked) or checked.status_code == 413:
        return None  # The file was within the row limit, even if the table no longer is.
    return checked


def gone(request: HttpRequest) -> HttpResponse:
    """Return the response for a file that has been deleted."""
    return refusal(request, 410, _("This file is no longer kept. Start the export again."))


def refusal(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """Return an error response with a message."""
    return message_response(request, status, _("Exports"), message)
