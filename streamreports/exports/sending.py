"""Send the request of an export to the site, as its owner."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from inspect import iscoroutinefunction
from typing import Any

from django.conf import settings
from django.contrib.auth import load_backend
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from streamreports.background import get_export, mark_export
from streamreports.conf import get_settings
from streamreports.exceptions import ReportError
from streamreports.exports.exceptions import ExportError
from streamreports.exports.models import Export
from streamreports.exports.saved import SavedRequest, find_time_zone


def send_request(export: Export, watch: Callable[[Any], None]) -> HttpResponseBase:
    """Return the site's response to the request of an export.

    The request passes through the middleware, unless ``EXPORT_REQUEST`` names another function.

    ``watch``: a function that is called with the body of the response, before the first query.

    The user is loaded again, so that the current permissions apply. Raises ExportError if the user
    no longer exists.
    """
    saved = SavedRequest.from_fields(export)
    request = saved.build()
    mark_export(request, export, watch)
    authenticate(request, find_user(export))
    with restored_context(saved):
        response = get_sender()(request, export)
    if not isinstance(response, HttpResponseBase):
        raise ReportError(
            f"{get_settings().export_request} returned {response!r}.", "Return the response."
        )
    return response


def get_sender() -> Callable[[HttpRequest, Export], HttpResponseBase]:
    """Return the project's function that sends a request, or the default one.

    Raises ImportError if it cannot be imported, and TypeError if it is asynchronous.
    """
    path = get_settings().export_request
    if path is None:
        return lambda request, export: through_middleware(request)
    sender: Callable[[HttpRequest, Export], HttpResponseBase] = import_string(path)
    if iscoroutinefunction(sender):
        raise TypeError(f"{path} is asynchronous.")
    return sender


def through_middleware(request: HttpRequest) -> HttpResponseBase:
    """Return the response to the request of an export, through the project's middleware."""
    response: HttpResponseBase = get_handler().get_response(request)
    return response


def without_middleware(request: HttpRequest) -> HttpResponseBase:
    """Return the response of the view to the request of an export, without middleware.

    Wrap it in the middleware that exports need: ``TenantMiddleware(without_middleware)``.
    """
    response: HttpResponseBase = get_handler(ViewHandler).get_response(request)
    return response


@contextmanager
def restored_context(saved: SavedRequest) -> Iterator[None]:
    """Activate the language, the time zone and the script prefix of a request in this context."""
    prefix = get_script_prefix()
    set_script_prefix(saved.script_name)
    try:
        with (
            translation.override(saved.language),
            timezone.override(find_time_zone(saved.time_zone)),
        ):
            yield
    finally:
        set_script_prefix(prefix)


class ExportHandler(BaseHandler):
    """Send a request through the middleware to a view.

    The language and the time zone of the export are activated again before the view is called,
    since middleware may have changed them: the request has no session.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """Load the project's middleware, and restore the language and time zone after it."""
        super().load_middleware(is_async)
        self._view_middleware.append(activate_saved)  # type: ignore[attr-defined]


class ViewHandler(BaseHandler):
    """Send a request to a view, without middleware."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Load no middleware; set the same attributes as Django's method."""
        self._view_middleware = [activate_saved]
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(
            self._get_response  # type: ignore[attr-defined]
        )


def activate_saved(request: HttpRequest, *view: Any) -> None:
    """Activate the language and the time zone of an export, before its view is called."""
    export = get_export(request)
    translation.activate(export.language)
    timezone.activate(find_time_zone(export.time_zone))


@cache
def get_handler(handler_class: type[BaseHandler] = ExportHandler) -> BaseHandler:
    """Return the handler that sends a request to a view."""
    handler = handler_class()
    handler.load_middleware()
    return handler


def find_user(export: Export) -> Any:
    """Return the owner of an export, loaded from the authentication backend.

    Raises ExportError if the user does not exist or is inactive, or if the backend is no longer
    used.
    """
    user = None
    if export.auth_backend in settings.AUTHENTICATION_BACKENDS:
        user = load_backend(export.auth_backend).get_user(export.owner_id)
    if user is None or not user.is_active:
        raise ExportError(_("You may no longer log in (403)."))
    return user


def authenticate(request: HttpRequest, user: Any) -> None:
    """Set the user of a request, including the attributes used by AuthenticationMiddleware.

    Some of these attributes are internal to ``django.contrib.auth``, which caches the user there.
    """

    async def auser() -> Any:
        return user

    request.user, request.auser = user, auser
    request._cached_user = request._acached_user = user  # type: ignore[attr-defined]
