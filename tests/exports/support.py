"""Exports, and the reports they are made of."""

from functools import wraps

from asgiref.sync import sync_to_async
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import PermissionRequiredMixin, UserPassesTestMixin
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import include, path
from django.utils import timezone, translation

from streamreports.background import get_export
from streamreports.exports.models import Export
from streamreports.exports.running import run_export
from streamreports.exports.saved import SavedRequest
from streamreports.formats.csv import CsvFormat
from streamreports.formats.json import JsonLinesFormat
from streamreports.pages import ReportView
from tests.filtered import MakerFilter
from tests.models import Maker
from tests.pages.html import parse
from tests.views import FailingCsvView, MakerCsvView

HTML = {"accept": "text/html"}


def read_headers(get_response):
    """Look at the headers of a request, as middleware of a project may."""

    def middleware(request):
        dict(request.headers)
        return get_response(request)

    return middleware


def activate_others(get_response):
    """Choose a language and a time zone without a look at the request."""

    def middleware(request):
        with translation.override("pt-br"), timezone.override("Asia/Tokyo"):
            return get_response(request)

    return middleware


def closed_for_a_day(get_response):
    """Close the site, as middleware for maintenance does."""
    return lambda request: HttpResponse(status=503, headers={"Retry-After": "86400"})


MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


class MakersView(MakerCsvView):
    background = True
    title = "Makers"


class ChoosyView(MakersView):
    formats = [CsvFormat, JsonLinesFormat]
    filterset_class = MakerFilter


class PrivateView(PermissionRequiredMixin, MakersView):
    permission_required = "tests.view_maker"
    raise_exception = True


def private_async(view):
    """Ask an asynchronous user for the permission."""

    @wraps(view)
    async def asked(request, **kwargs):
        user = await request.auser()
        if not await user.ahas_perm("tests.view_maker"):
            raise PermissionDenied
        return await sync_to_async(view)(request, **kwargs)

    return asked


class BrokenView(FailingCsvView):
    background = True


class PageView(ReportView):
    background = True
    model = Maker
    ordering = ["name"]
    columns = ["name", "size"]


class OtherView(MakersView):
    def get(self, request, *args, **kwargs):
        return HttpResponse("No report.")


class NamedView(MakersView):
    def get_title(self):
        return self.kwargs["name"]


class VerifiedView(UserPassesTestMixin, MakersView):
    """A report for users whose second factor is in the session."""

    def test_func(self):
        return self.request.session.get("verified")

    def handle_no_permission(self):
        return redirect_to_login(self.request.get_full_path())


class KnownView(VerifiedView):
    def test_func(self):
        return get_export(self.request) is not None or super().test_func()


urlpatterns = [
    path("verified/", VerifiedView.as_view()),
    path("known/", KnownView.as_view()),
    path("other/", OtherView.as_view()),
    path("named/<path:name>", NamedView.as_view()),
    path("makers/", MakersView.as_view()),
    path("choosy/", ChoosyView.as_view()),
    path("private/", PrivateView.as_view()),
    path("private-async/", private_async(MakersView.as_view())),
    path("log-in-first/", login_required(MakersView.as_view())),
    path("broken/", BrokenView.as_view(fails_at=150)),
    path("small/", MakersView.as_view(max_rows=1)),
    path("page/", PageView.as_view()),
    path("live/", MakerCsvView.as_view()),
    path("admin/", admin.site.urls),
    path("exports/", include("streamreports.exports.urls")),
]


def saved_request(path="/makers/", query_string="", **fields):
    return SavedRequest(
        **{
            "scheme": "http",
            "host": "testserver",
            "script_name": "",
            "path": path,
            "query_string": query_string,
            "accept": "",
            "language": "en",
            "time_zone": "UTC",
            **fields,
        }
    )


def user_called(name):
    return User.objects.get_or_create(username=name)[0]


def create(
    path="/makers/",
    query_string="",
    *,
    owner="ana",
    title="Makers",
    content_type="text/csv",
    **fields,
):
    """Return an export that waits, as it is saved when it is asked for."""
    owner, saved = user_called(owner), saved_request(path, query_string)
    return Export.objects.create(
        **{
            "owner": owner,
            "auth_backend": MODEL_BACKEND,
            "title": title,
            "active_key": saved.key_for(owner, content_type),
            "content_type": content_type,
            **saved.as_fields(),
            **fields,
        }
    )


def get_page(client, path, **headers):
    """Return a page as a browser gets it."""
    response = client.get(path, headers={**HTML, **headers})
    assert response.status_code == 200
    return parse(response)


def reloaded(export):
    return Export.objects.get(pk=export.pk)


def done(**fields):
    """Return an export that a worker has ended."""
    export = create(**fields)
    assert run_export(export.pk)
    return reloaded(export)
