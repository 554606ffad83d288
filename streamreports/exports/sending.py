"""Send the request of an export through the site, as its owner."""

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

from streamreports.background import MARK, mark_export
from streamreports.conf import get_settings
from streamreports.exceptions import ReportError
from streamreports.exports.exceptions import ExportError
from streamreports.exports.models import Export
from streamreports.exports.saved import SavedRequest, find_time_zone


def send_request(export: Export, watch: Callable[[Any], None]) -> HttpResponseBase:
    """Return the response of the site to the request of an export.

    It goes through the middleware, unless ``EXPORT_REQUEST`` names another function.

    ``watch``: is called with the body of the response, before the first query.

    The user is read afresh, so that permissions are those of now. Raises ExportError if there is no
    such user any more.
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
    """Return the function of the project that sends a request, or the default one.

    Raises ImportError if there is none, and TypeError if it is asynchronous.
    """
    path = get_settings().export_request
    if path is None:
        return lambda request, export: through_middleware(request)
    sender: Callable[[HttpRequest, Export], HttpResponseBase] = import_string(path)
    if iscoroutinefunction(sender):
        raise TypeError(f"{path} is asynchronous.")
    return sender


def through_middleware(request: HttpRequest) -> HttpResponseBase:
    """Return the response to the request of an export, through the middleware of the project."""
    response: HttpResponseBase = get_handler().get_response(request)
    return response


def without_middleware(request: HttpRequest) -> HttpResponseBase:
    """Return the response of the view to the request of an export.

    Wrap it in the middleware that exports need: ``TenantMiddleware(without_middleware)``.
    """
    response: HttpResponseBase = get_handler(ViewHandler).get_response(request)
    return response


@contextmanager
def restored_context(saved: SavedRequest) -> Iterator[None]:
    """Have the language, the time zone and the script prefix of a request within this context."""
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

    The view has the language and the time zone of the export again: middleware may have chosen
    others, as the request has no session.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """Load the middleware of the project, and what comes after it."""
        super().load_middleware(is_async)
        self._view_middleware.append(activate_saved)  # type: ignore[attr-defined]


class ViewHandler(BaseHandler):
    """Send a request to a view, without middleware."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Load no middleware. The attributes are those that Django's method sets."""
        self._view_middleware = [activate_saved]
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(
            self._get_response  # type: ignore[attr-defined]
        )


def activate_saved(request: HttpRequest, *view: Any) -> None:
    """Activate the language and the time zone of an export, before its view is called."""
    export = getattr(request, MARK)
    translation.activate(export.language)
    timezone.activate(find_time_zone(export.time_zone))


@cache
def get_handler(handler_class: type[BaseHandler] = ExportHandler) -> BaseHandler:
    """Return what sends a request to a view."""
    handler = handler_class()
    handler.load_middleware()
    return handler


def find_user(export: Export) -> Any:
    """Return the owner of an export, as the authentication backend knows it now.

    Raises ExportError if the backend knows no such user, or an inactive one, or is not used any
    more.
    """
    user = None
    if export.auth_backend in settings.AUTHENTICATION_BACKENDS:
        user = load_backend(export.auth_backend).get_user(export.owner_id)
    if user is None or not user.is_active:
        raise ExportError(_("You may no longer log in (403)."))
    return user


def authenticate(request: HttpRequest, user: Any) -> None:
    """Make a user that of a request, also where AuthenticationMiddleware looks for it.

    Some of these attributes are internal to ``django.contrib.auth``: it keeps the user there once
    it has read it from the session.
    """

    async def auser() -> Any:
        return user

    request.user, request.auser = user, auser
    request._cached_user = request._acached_user = user  # type: ignore[attr-defined]
