"""Send the file of an export to anyone who has a signed link to it."""

import copy
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import View

from streamreports.conf import get_settings
from streamreports.exports.exceptions import ExportError
from streamreports.exports.fetching import ask_view, fetch, refusal
from streamreports.exports.links import read_token
from streamreports.exports.models import Export
from streamreports.exports.sending import authenticate, find_user
from streamreports.exports.serving import PRIVATE_HEADERS
from streamreports.views.streams import exempt_from_transactions


# The view requires a login itself, unless anonymous links are allowed.
@method_decorator(login_not_required, name="dispatch")
class LinkView(AccessMixin, View):
    """Send the file of a signed link. Requests have no side effects.

    The owner must log in unless ``EXPORT_ANONYMOUS_LINKS`` is set. The response is the same for an
    invalid link, for another user's export and for a deleted export.
    """

    http_method_names = ["get", "head", "options"]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, exempt from ATOMIC_REQUESTS as the others are."""
        return exempt_from_transactions(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return a response that is not cached, and whose URL is not sent to other sites."""
        try:
            response = super().dispatch(request, *args, **kwargs)
        except Http404:
            response = invalid(request)
        except PermissionDenied:
            response = denied(request)
        for header, value in PRIVATE_HEADERS.items():
            response.headers[header] = value
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """Return the file."""
        is_anonymous = get_settings().export_anonymous_links
        if not is_anonymous and not request.user.is_authenticated:
            return self.handle_no_permission()  # before the token is looked at
        link = read_token(token)
        export = link and Export.objects.filter(pk=link.export_id).first()
        if not link or not export or not (is_anonymous or export.owner_id == request.user.pk):
            return invalid(request)
        if link.is_expired:
            return refusal(request, 410, _("This link has expired. Log in and open your exports."))
        return fetch(request, export, ask_as_owner if is_anonymous else ask_view)


def ask_as_owner(request: HttpRequest, export: Export) -> HttpResponseBase | None:
    """Return an error response if the owner may no longer see the report, otherwise None.

    The visitor's request is not changed, so that pages do not greet the visitor as the owner. For
    the same reason, the view's error response is not shown.
    """
    asked = copy.copy(request)
    try:
        authenticate(asked, find_user(export))
        refused = ask_view(asked, export)
    except (ExportError, Http404):
        return denied(request)
    return None if refused is None else denied(request)


def invalid(request: HttpRequest) -> HttpResponseBase:
    """Return the response for an invalid link."""
    return refusal(request, 404, _("This link is invalid, or no longer valid."))


def denied(request: HttpRequest) -> HttpResponseBase:
    """Return the response if the owner may no longer see the report."""
    return refusal(request, 403, _("The report of this link is no longer accessible."))
