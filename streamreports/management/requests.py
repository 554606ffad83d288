"""Request a report as a browser would, without a server and without middleware."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.apps import apps
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.core.management.base import CommandError
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from django.utils.translation import gettext as _

from streamreports.discovery import view_attribute, view_of
from streamreports.formats.base import Format
from streamreports.management.descriptions import known
from streamreports.management.urls import Target
from streamreports.requests import call_match, wsgi_request
from streamreports.views import StreamingReportView

# All kinds of files, and errors as text, but no pages. Django REST framework requires JSON.
ACCEPT = "text/csv, text/plain;q=0.9, application/json;q=0.8, application/*;q=0.7"

# The statuses that Django gives to exceptions of a view.
STATUSES: dict[type[Exception], int] = {
    BadRequest: 400,
    SuspiciousOperation: 400,
    PermissionDenied: 403,
    Http404: 404,
}


def build_request(
    target: Target,
    match: ResolverMatch,
    parameters: Sequence[tuple[str, str]],
    *,
    user: Any,
    method: str = "GET",
) -> WSGIRequest:
    """Return a request for a view, with a query string, a user, a session and messages.

    The session is empty, and is not saved.
    """
    query = "&".join(filter(None, [target.query, urlencode(parameters)]))
    request = wsgi_request(
        target.path,
        query,
        host=target.host,
        scheme=target.scheme,
        method=method,
        environ={"HTTP_ACCEPT": ACCEPT},
    )
    request.resolver_match = match
    request.streamreports_command = True  # type: ignore[attr-defined]
    if apps.is_installed("django.contrib.sessions"):
        request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    if apps.is_installed("django.contrib.messages"):
        from django.contrib.messages.storage import default_storage

        request._messages = default_storage(request)  # type: ignore[attr-defined]
    if user is not None:
        request.user = user
        request.auser = sync_to_async(lambda: user)
    return request


def key_and_value(text: str) -> tuple[str, str]:
    """Return the key and the value of a parameter; raise CommandError if there is no "="."""
    key, mark, value = text.partition("=")
    if not key or not mark:
        raise CommandError(
            _("--param takes KEY=VALUE, not %(text)s.") % {"text": text}, returncode=2
        )
    return key, value


def parameter_name(callback: Any, option: str) -> str:
    """Return the name of a view's parameter for an option, such as "columns".

    Raises CommandError if the view has none.
    """
    name = view_attribute(callback, f"{option}_param", option)
    if name is None:
        raise CommandError(
            _("The view has no parameter for --%(option)s. Use --param for its own parameters.")
            % {"option": option},
            returncode=2,
        )
    return str(name)


def format_of(callback: Any, filename: str) -> str | None:
    """Return the name of the first format with the extension of a file, if there is a choice."""
    formats = formats_of(callback)
    for format_class in formats if len(formats) > 1 else ():
        if filename.lower().endswith(f".{format_class.extension}"):
            return str(format_class.name)
    return None


def formats_of(callback: Any) -> Sequence[type[Format]]:
    """Return the formats of a report or a list; none if they are unknown without a request."""
    view = view_of(callback, StreamingReportView)
    if view is None:
        formats: Sequence[type[Format]] = view_attribute(callback, "report_formats", ())
        return formats
    return known(view.get_formats) or ()


def find_user(name: str | None) -> Any:
    """Return the active user with a name, or AnonymousUser; None without django.contrib.auth."""
    if not apps.is_installed("django.contrib.auth"):
        if name is None:
            return None
        raise CommandError(_("--user requires django.contrib.auth in INSTALLED_APPS."))
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import AnonymousUser

    if name is None:
        return AnonymousUser()
    model: Any = get_user_model()
    names = {"field": model._meta.get_field(model.USERNAME_FIELD).verbose_name, "name": name}
    try:
        user = model._default_manager.get_by_natural_key(name)
    except model.DoesNotExist:
        raise CommandError(
            _("No user has the %(field)s %(name)s. Use that of an active user.") % names
        ) from None
    if not user.is_active:
        raise CommandError(
            _("The user with the %(field)s %(name)s is inactive. Use that of an active user.")
            % names
        )
    return user


def call_view(match: ResolverMatch, request: WSGIRequest) -> HttpResponseBase:
    """Return the response of a view, with all of its decorators.

    Exceptions for which Django has a status are converted to a response with that status.
    """
    try:
        response: HttpResponseBase = call_match(match, request)
        render = getattr(response, "render", None)  # of template responses, and of DRF's
        return render() if callable(render) else response
    except tuple(STATUSES) as error:
        status = next(code for kind, code in STATUSES.items() if isinstance(error, kind))
        return HttpResponse(str(error), status=status, content_type="text/plain")


@contextmanager
def closing(response: HttpResponseBase) -> Iterator[None]:
    """Close a response at the end, but keep the database connections for the caller."""
    try:
        yield
    finally:
        was_connected = request_finished.disconnect(close_old_connections)
        try:
            response.close()
        finally:
            if was_connected:
                request_finished.connect(close_old_connections)
