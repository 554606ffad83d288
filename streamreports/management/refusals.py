"""Explain why a response is not a file, and what to do."""

from urllib.parse import urlsplit

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.management.base import CommandError
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from streamreports.management.blocks import report_body
from streamreports.writing.pieces import is_html_type

MAX_TEXT = 500  # characters of a response that are included in a message


def require_file(response: HttpResponseBase, path: str, user: str | None) -> None:
    """Raise CommandError unless a response is the file of a report, or another file.

    A page is not a file, unless a report has HTML as its format. ``path``: what was requested;
    ``user``: the name of the user, if any.
    """
    if response.status_code == 200 and (report_body(response) or not is_page(response)):
        return
    if response.status_code == 200:
        problem = _("%(path)s is a page, not a file.")
        cure = _("If the view offers files, choose one with --format.")
    elif "Location" in response.headers:
        problem = _("%(path)s redirects to %(location)s.")
        cure = user_cure(user) if is_login(response) else _("Use that URL instead.")
    else:
        problem = _("%(path)s returned %(status)s %(reason)s.")
        cure = cure_of(response.status_code, user)
    problem %= {
        "path": path,
        "location": response.headers.get("Location"),
        "status": response.status_code,
        "reason": response.reason_phrase,
    }
    raise CommandError(" ".join(filter(None, [problem, text_of(response), cure])))


def cure_of(status: int, user: str | None) -> str:
    """Return how to fix an error; empty if the text of the response says it."""
    if status in (401, 403):
        return user_cure(user)
    if status == 405:
        return _("--explain sends a HEAD request, which the view must allow.")
    return ""


def is_page(response: HttpResponseBase) -> bool:
    """Return True for a response that a browser shows as a page."""
    return is_html_type(response.headers.get("Content-Type", ""))


def is_login(response: HttpResponseBase) -> bool:
    """Return True for a redirect to a login page, which leads back to the original URL."""
    return REDIRECT_FIELD_NAME in QueryDict(urlsplit(response.headers["Location"]).query)


def user_cure(user: str | None) -> str:
    """Return how to fix a missing permission."""
    if user is None:
        return _("Name a user who may see it with --user.")
    return _("The user %(user)s may not see it.") % {"user": user}


def text_of(response: HttpResponseBase) -> str:
    """Return the text of a response in one line; empty for a page or a redirect."""
    if response.streaming or is_page(response) or "Location" in response.headers:
        return ""
    text = response.content.decode(response.charset, "replace")  # type: ignore[attr-defined]
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(printable.split())[:MAX_TEXT]
