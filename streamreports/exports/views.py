"""Views to start, monitor, download, cancel and delete a user's exports."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import iri_to_uri
from django.utils.translation import get_language, get_language_from_path
from django.utils.translation import gettext as _
from django.views.generic import View
from django.views.generic.list import MultipleObjectMixin

from streamreports.exports.cancelling import cancel_export
from streamreports.exports.exceptions import NoReportError, QuotaError, SiteQuotaError
from streamreports.exports.fetching import fetch, refusal
from streamreports.exports.models import Export
from streamreports.exports.progress import progress_of
from streamreports.exports.pruning import delete_export
from streamreports.exports.saved import SavedRequest
from streamreports.exports.status import status_of
from streamreports.exports.submitting import request_export
from streamreports.views.streams import exempt_from_transactions

POLL_SECONDS = 2  # after which a client should poll again


class OwnerView(LoginRequiredMixin, View):
    """The base class of views for a user's own exports; those of others get 404."""

    request: HttpRequest

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, exempt from ATOMIC_REQUESTS: each transition is one statement.

        On SQLite, a transaction that has read cannot write after a worker has written in between.
        """
        return exempt_from_transactions(super().as_view(**initkwargs))

    def get_export(self, pk: UUID) -> Export:
        """Return an export of the user; raise Http404 if it does not exist."""
        export: Export | None = Export.objects.owned_by(self.request.user).filter(pk=pk).first()
        if export is None:
            raise Http404(_("You have no export at this address."))
        return export


class ExportListView(MultipleObjectMixin, OwnerView):  # type: ignore[type-arg]
    """List the exports of the user in pages, as ListView does; a POST starts one.

    The POST parameter ``report``: the path of a report with its query string.
    """

    template_name = "streamreports/exports/list.html"
    paginate_by = 50

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Return a page of the user's exports: waiting and running first, then newest first."""
        owned = Export.objects.owned_by(request.user).active_first()
        _paginator, page, exports, _other = self.paginate_queryset(owned, self.paginate_by)
        if wants_page(request):
            context = {
                "title": _("My exports"),
                "page_obj": page,
                "exports": [(export, progress_of(export)) for export in exports],
                "is_active": any(export.is_active for export in exports),
            }
            return never_stored(render(request, self.template_name, context))
        content = {
            "exports": [status_of(export, request) for export in exports],
            "next": self.page_url(page.next_page_number()) if page.has_next() else None,
            "previous": self.page_url(page.previous_page_number()) if page.has_previous() else None,
        }
        return never_stored(JsonResponse(content))

    def page_url(self, number: int) -> str:
        """Return the URL of a page of the list."""
        return self.request.build_absolute_uri(f"{self.request.path}?{self.page_kwarg}={number}")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Start an export, or return the active one of an identical request."""
        return start_export_of(request, request.POST.get("report", ""))


class ExportView(OwnerView):
    """Show the state of an export, as a page or as JSON."""

    template_name = "streamreports/exports/detail.html"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Return the state of an export."""
        export = self.get_export(pk)
        if not wants_page(request):
            return never_stored(JsonResponse(status_of(export, request)))
        context = {
            "title": export.title,
            "export": export,
            "progress": progress_of(export),
            "is_active": export.is_active,
        }
        return never_stored(render(request, self.template_name, context))


class ExportFileView(OwnerView):
    """Send the file of an export, if the user may still see the report."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Return the file; 404 before it is ready, 410 after it has expired."""
        return fetch(request, self.get_export(pk))


class ChangeView(OwnerView):
    """Change an export, and redirect to the list."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Change the export of a user."""
        self.change(self.get_export(pk))
        if wants_page(request):
            return HttpResponseRedirect(reverse("exports:list"), status=303)
        return HttpResponse(status=204)

    def change(self, export: Export) -> None:
        """Change an export."""
        raise NotImplementedError


class CancelView(ChangeView):
    """Cancel a waiting or running export; other exports are not changed."""

    def change(self, export: Export) -> None:
        """Cancel the export."""
        cancel_export(export)


class DeleteView(ChangeView):
    """Delete an export and its file; cancel it first if it is waiting or running."""

    def change(self, export: Export) -> None:
        """Delete the export."""
        delete_export(export)


def start_export_of(request: HttpRequest, url: str) -> HttpResponseBase:
    """Start the export of the report at a URL; redirect a browser to its page."""
    path, _mark, query = url.partition("?")
    path = path_info(request, unquote(path))
    with translation.override(get_language_from_path(path) or get_language()):
        saved = SavedRequest.of(request, path=path, query_string=iri_to_uri(query) or "")
        response = submit(request, saved)
    if response.status_code == 202 and wants_page(request):
        return HttpResponseRedirect(response.headers["Location"], status=303)
    return response


def start_export(request: HttpRequest) -> HttpResponseBase:
    """Start an export for a request that prefers an asynchronous response.

    Source: RFC 7240, section 4.1.
    """
    saved = SavedRequest.of(
        request,
        path=request.path_info,
        query_string=request.META.get("QUERY_STRING", ""),
        accept=request.headers.get("Accept", ""),
    )
    response = submit(request, saved)
    if response.status_code == 202:
        response.headers["Preference-Applied"] = "respond-async"
    return response


def submit(request: HttpRequest, saved: SavedRequest) -> HttpResponseBase:
    """Return 202 with the URL of the export, or an error response."""
    if not request.user.is_authenticated:
        return refusal(request, 403, _("Log in to have reports prepared in the background."))
    try:
        export = request_export(request, saved)
    except NoReportError as error:
        return refusal(request, 404, str(error))
    except QuotaError as error:
        return refusal(request, 429, str(error))
    except SiteQuotaError as error:  # 429 would be wrong: the user has not exceeded a limit.
        response = refusal(request, 503, str(error))
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    if isinstance(export, HttpResponseBase):
        return export
    response = never_stored(JsonResponse(status_of(export, request), status=202))
    response.headers["Location"] = reverse("exports:detail", args=[export.pk])
    response.headers["Retry-After"] = str(POLL_SECONDS)
    return response


def path_info(request: HttpRequest, path: str) -> str:
    """Return a path of the site without the script name."""
    script_name = request.META.get("SCRIPT_NAME", "").rstrip("/")
    return path.removeprefix(script_name) if path.startswith(f"{script_name}/") else path


def wants_page(request: HttpRequest) -> bool:
    """Return True if the client prefers HTML to JSON."""
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"


def never_stored(response: HttpResponse) -> HttpResponse:
    """Return a response with headers that prevent caching."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Accept, Cookie"
    return response
