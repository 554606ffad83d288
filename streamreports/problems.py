"""Error responses: pages for browsers, problem details for programs, and plain text."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

Errors = Mapping[str, Sequence[str]]  # the messages by parameter

PROBLEM_TYPE = "application/problem+json"  # RFC 9457
PAGE = """<!doctype html>
<html lang="{}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{}</title>
</head>
<body>
<main><h1>{}</h1>{}</main>
</body>
</html>
"""


def reject_parameters(request: HttpRequest, errors: Errors) -> HttpResponse:
    """Return a 400 response with the errors of each parameter.

    ``errors``: the messages by parameter; NON_FIELD_ERRORS for those about several.
    """
    return problem_response(request, 400, _("Invalid parameters"), errors)


def reject_media_types(request: HttpRequest, media_types: Sequence[str]) -> HttpResponse:
    """Return a 406 response with the available media types."""
    message = _("This report is available as %(types)s.") % {"types": ", ".join(media_types)}
    return message_response(request, 406, _("Not acceptable"), message)


def reject_too_many_rows(request: HttpRequest, max_rows: int | None) -> HttpResponse:
    """Return the response to a request for more than ``max_rows`` rows."""
    text = ngettext(
        "This report is limited to %(number)s row.",
        "This report is limited to %(number)s rows.",
        max_rows or 0,
    )
    cure = _("Use filters to select fewer rows, or download it in parts.")
    message = f"{text % {'number': max_rows}} {cure}"
    return message_response(request, 413, _("Too many rows"), message)


def reject_too_many_streams(request: HttpRequest, retry_after: int) -> HttpResponse:
    """Return a 503 response, since no slot became available.

    ``retry_after``: seconds until the client should try again.
    """
    message = _("Too many reports are being downloaded. Try again later.")
    response = message_response(request, 503, _("Too many downloads"), message)
    response.headers["Retry-After"] = str(retry_after)
    return response


def problem_response(request: HttpRequest, status: int, title: str, errors: Errors) -> HttpResponse:
    """Return a response that is not cached, in the format that the client prefers.

    The format is problem details (RFC 9457) for clients that request JSON, a page for clients that
    request HTML, and plain text for others.
    """
    chosen = preferred_type(request)
    if chosen == "text/html":
        response = HttpResponse(page(status, title, errors), status=status)
    elif chosen in (PROBLEM_TYPE, "application/json"):
        content = problem(status, title, errors)
        response = JsonResponse(content, status=status, content_type=PROBLEM_TYPE)
    else:
        lines = "".join(f"{line}\n" for line in lines_of(errors))
        response = HttpResponse(lines, status=status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_vary_headers(response, ["Accept"])
    return response


def message_response(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    """Return the same response for a single message, which is not about a parameter."""
    return problem_response(request, status, title, {NON_FIELD_ERRORS: [message]})


def preferred_type(request: HttpRequest) -> str | None:
    """Return the media type that a client prefers for problems; None if it accepts none."""
    return request.get_preferred_type(["text/plain", "text/html", PROBLEM_TYPE, "application/json"])


def prefers_page(request: HttpRequest) -> bool:
    """Return True if a client prefers an HTML page for a problem."""
    return preferred_type(request) == "text/html"


def lines_of(errors: Errors) -> list[str]:
    """Return a line for each error, as in "country: Unknown parameter."."""
    return [
        message if name == NON_FIELD_ERRORS else f"{name}: {message}"
        for name, messages in errors.items()
        for message in messages
    ]


def problem(status: int, title: str, errors: Errors) -> dict[str, object]:
    """Return problem details with the additional member ``errors``.

    Source: RFC 9457, section 3.
    """
    found = [
        {"detail": message} if name == NON_FIELD_ERRORS else {"parameter": name, "detail": message}
        for name, messages in errors.items()
        for message in messages
    ]
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": " ".join(lines_of(errors)),
        "errors": found,
    }


def page(status: int, title: str, errors: Errors) -> str:
    """Return a short page; it needs no template, style sheet or script.

    For invalid parameters, the page has a link to the same URL without parameters.
    """
    body = format_html_join("", "<p>{}</p>", ([line] for line in lines_of(errors)))
    if status == 400:
        body += format_html('<p><a href="?">{}</a></p>', _("Show the whole report"))
    return format_html(PAGE, get_language() or settings.LANGUAGE_CODE, title, title, body)
