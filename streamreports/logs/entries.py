"""Create the log entry of a report."""

from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.encoding import escape_uri_path, iri_to_uri
from django.utils.functional import Promise
from django.utils.text import capfirst

from streamreports.background import is_export
from streamreports.conf import get_settings
from streamreports.escaping import replace_unencodable
from streamreports.formats.base import Format
from streamreports.logs.models import ReportLog
from streamreports.reports import Report
from streamreports.signals import Outcome

MAX_PARAMETERS = 2000  # characters, since a list of keys may have any length


def create_entry(
    *,
    sender: Any,
    request: HttpRequest,
    report: Report,
    format: Format,
    rows: int,
    bytes: int,
    seconds: float,
    outcome: Outcome,
    exception: BaseException | None,
    **kwargs: Any,
) -> ReportLog:
    """Return an entry that is not saved; the arguments are those of ``report_finished``."""
    finished = timezone.now()
    user = get_user(request)
    return ReportLog(
        user_id=user.pk if isinstance(user, get_user_model()) else None,
        username=fitting("username", username_of(user)),
        view=fitting("view", dotted_path(sender)),
        url_name=fitting("url_name", url_name_of(request)),
        title=fitting("title", title_of(sender, request, report)),
        path=fitting("path", escape_uri_path(request.path)),
        parameters=cut(iri_to_uri(request.META.get("QUERY_STRING", "")) or "", MAX_PARAMETERS),
        format=fitting("format", format.name),
        started=finished - timedelta(seconds=seconds),
        finished=finished,
        seconds=seconds,
        rows=rows,
        bytes=bytes,
        outcome=outcome.value,
        exception=fitting("exception", dotted_path(type(exception)) if exception else ""),
        is_export=is_export(request),
        is_command=bool(getattr(request, "streamreports_command", False)),
        remote_address=address_of(request) if get_settings().log_addresses else None,
    )


def get_user(request: HttpRequest) -> Any:
    """Return the user of a request, logged in and loaded; None for an anonymous user."""
    user: Any = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def username_of(user: Any) -> str:
    """Return the name of a user, who may not be stored in the database."""
    if user is None:
        return ""
    get_username = getattr(user, "get_username", None)
    return str(get_username() if get_username else user)


def dotted_path(view: Any) -> str:
    """Return the path of a class or function."""
    name = getattr(view, "__qualname__", None)
    return f"{view.__module__}.{name}" if name else repr(view)


def url_name_of(request: HttpRequest) -> str:
    """Return the name of the URL, with its namespaces; empty if it has none."""
    match = request.resolver_match
    return match.view_name if match is not None and match.url_name else ""


def title_of(sender: Any, request: HttpRequest, report: Report) -> str:
    """Return the title of a report in the default language; by default, the model's plural name.

    Titles that a view computes are not available here.
    """
    callback = getattr(request.resolver_match, "func", None)
    attributes = getattr(callback, "view_initkwargs", {})
    title = attributes.get("title", getattr(sender, "title", None))
    with translation.override(settings.LANGUAGE_CODE):
        if isinstance(title, str | Promise):
            return str(title)
        return capfirst(str(report.queryset.model._meta.verbose_name_plural))


def address_of(request: HttpRequest) -> str | None:
    """Return the address of the client, or of the proxy before the server; None if unknown."""
    address, _, _ = str(request.META.get("REMOTE_ADDR", "")).partition("%")  # fe80::1%eth0
    try:
        return str(ip_address(address))
    except ValueError:  # Servers on a Unix socket do not set it.
        return None


def fitting(name: str, text: str) -> str:
    """Return text that fits into a field."""
    field: Any = ReportLog._meta.get_field(name)
    return cut(replace_unencodable(text), field.max_length)


def cut(text: str, max_length: int) -> str:
    """Return text of a maximum length; if it is shortened, it ends with the original length."""
    if len(text) <= max_length:
        return text
    note = f"... [cut, {len(text)} characters]"
    return text[: max_length - len(note)] + note
