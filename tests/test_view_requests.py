import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import (
    LoginRequiredMixin,
    PermissionRequiredMixin,
    UserPassesTestMixin,
)
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.http import HttpResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from streamreports.columns import Column
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.reports import Report
from streamreports.views import StreamingCsvView, StreamingReportView
from tests.models import Maker
from tests.views import MakerCsvView, PlainCsvView, body, disposition, file_of, get, make, save

# Format


def test_the_first_format_is_the_default(db, rf):
    save("Ann", size=2)
    file = b"".join(
        get(rf, PlainCsvView, formats=[ExcelCsvFormat, CsvFormat], columns=["name", "size"])
    )
    assert file == b"\xef\xbb\xbfName,Size\r\nAnn,2\r\n"


def test_get_format_may_depend_on_the_request(db, rf):
    class SemicolonFormat(CsvFormat):
        delimiter = ";"

    class View(PlainCsvView):
        columns = ["name", "size"]

        def get_format(self):
            return SemicolonFormat() if "semicolons" in self.request.GET else super().get_format()

    save("Ann", size=2)
    view = View.as_view()
    assert b"".join(view(rf.get("/", {"semicolons": ""}))) == b"Name;Size\r\nAnn;2\r\n"
    assert b"".join(view(rf.get("/"))) == b"Name,Size\r\nAnn,2\r\n"


class LinesFormat(Format):
    name = "lines"
    content_type = "text/plain"
    extension = "txt"

    def encode(self, columns, batches):
        yield " | ".join(column.label for column in columns).encode()
        for rows in batches:
            yield "".join("\n" + " | ".join(row) for row in rows).encode()
        yield b"\n"


class LinesView(StreamingReportView):
    model = Maker
    columns = ["name", "size"]
    formats = [LinesFormat]


def test_a_report_view_writes_any_format(db, rf):
    save("Ann", size=2)
    assert file_of(rf, LinesView) == "Name | Size\nAnn | 2\n"


def test_the_format_names_type_and_extension(db, rf):
    headers = get(rf, LinesView).headers
    assert headers["Content-Type"] == "text/plain"
    assert headers["Content-Disposition"] == 'attachment; filename="makers.txt"'


# Reading


def test_chunk_size_is_how_many_rows_are_prefetched_for_at_a_time(
    db, rf, django_assert_num_queries
):
    make(250)
    joined = Column("specimens__char", format=">1")  # A format is Python's, so is the joining.
    view = MakerCsvView.as_view(columns=["name", joined], chunk_size=50)
    with django_assert_num_queries(1 + 5):
        b"".join(view(rf.get("/")))


def test_get_report_can_be_overridden(db, rf):
    class View(StreamingCsvView):
        filename = "makers.csv"

        def get_report(self):
            return Report(Maker.objects.all(), ["name"])

    save("Ann")
    assert file_of(rf, View) == "Name\r\nAnn\r\n"


def test_the_view_knows_its_report_and_format(db, rf):
    class View(PlainCsvView):
        def get_filename(self):
            return f"{self.report.header[0]}.{self.format.extension}"

    assert disposition(rf, View) == 'attachment; filename="Name.csv"'


# Methods


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_other_methods_are_not_allowed(rf, method, caplog):
    request = rf.generic(method.upper(), "/")
    response = MakerCsvView.as_view()(request)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_options_tells_the_methods(rf):
    response = MakerCsvView.as_view()(rf.options("/"))
    assert (response.status_code, response.headers["Allow"]) == (200, "GET, HEAD, OPTIONS")


def test_head_has_the_headers_of_get(db, rf):
    view = MakerCsvView.as_view()
    assert dict(view(rf.head("/")).headers) == dict(view(rf.get("/")).headers)


def test_head_runs_no_query(rf):
    """The database is closed to tests that do not ask for it."""
    assert b"".join(MakerCsvView.as_view()(rf.head("/"))) == b""


def test_head_runs_no_query_under_asgi(async_rf):
    assert MakerCsvView.as_view()(async_rf.head("/")).status_code == 200


# Who may see it


class PrivateView(LoginRequiredMixin, MakerCsvView):
    pass


class PermittedView(PermissionRequiredMixin, MakerCsvView):
    permission_required = "tests.view_maker"


class ExaminedView(UserPassesTestMixin, MakerCsvView):
    def test_func(self):
        return self.request.user.username == "ann"


@method_decorator(login_required, name="dispatch")
class DecoratedView(MakerCsvView):
    pass


VIEWS = [
    PrivateView.as_view(),
    PermittedView.as_view(),
    ExaminedView.as_view(),
    DecoratedView.as_view(),
    login_required(MakerCsvView.as_view()),
]
NAMES = ["mixin", "permission", "test", "method_decorator", "decorator"]


@pytest.fixture
def ann(db):
    """Return somebody who may see everything here."""
    user = User.objects.create_user("ann")
    user.user_permissions.add(Permission.objects.get(codename="view_maker"))
    return user


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_anonymous_users_are_redirected_to_the_login(rf, settings, view):
    """The database is closed to tests that do not ask for it: nothing is read."""
    settings.LOGIN_URL = "/login/"
    request = rf.get("/report/")
    request.user = AnonymousUser()
    response = view(request)
    assert (response.status_code, response.url) == (302, "/login/?next=/report/")


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_users_with_permission_get_the_file(rf, ann, view):
    make(3)
    request = rf.get("/report/")
    request.user = ann
    assert b"".join(view(request)) == body(3)


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_users_with_permission_get_the_file_under_asgi(async_client, settings, ann, view):
    make(3)
    settings.ROOT_URLCONF = (path("report/", view),)

    @async_to_sync
    async def fetch():
        await async_client.aforce_login(ann)
        response = await async_client.get("/report/")
        return b"".join([block async for block in response])

    assert fetch() == body(3)


@pytest.mark.parametrize("view", VIEWS[1:3], ids=NAMES[1:3])
def test_users_without_permission_are_denied(rf, db, view):
    request = rf.get("/report/")
    request.user = User.objects.create_user("bob")
    with pytest.raises(PermissionDenied):
        view(request)


def test_a_view_may_answer_otherwise(rf):
    class View(MakerCsvView):
        def get(self, request, *args, **kwargs):
            return HttpResponse("Too many rows.", status=413)

    assert get(rf, View).status_code == 413


# ATOMIC_REQUESTS


@pytest.fixture
def _atomic_requests(monkeypatch):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)


@pytest.mark.usefixtures("_atomic_requests")
def test_the_view_is_exempt_from_atomic_requests(own_connection, client, settings):
    seen = []

    class View(MakerCsvView):
        def get_queryset(self):
            seen.append(connection.in_atomic_block)
            return super().get_queryset()

    settings.ROOT_URLCONF = (path("report/", View.as_view()),)
    make(1000)
    assert b"".join(client.get("/report/")) == body(1000)
    assert seen == [False]


@pytest.mark.usefixtures("_atomic_requests")
def test_a_decorated_view_is_exempt_from_atomic_requests(own_connection, client, settings):
    settings.ROOT_URLCONF = (path("report/", never_cache(MakerCsvView.as_view())),)
    make(1000)
    assert b"".join(client.get("/report/")) == body(1000)


@pytest.mark.usefixtures("_atomic_requests")
def test_the_view_is_exempt_from_atomic_requests_under_asgi(own_connection, async_client, settings):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    make(1000)

    @async_to_sync
    async def fetch():
        response = await async_client.get("/report/")
        return b"".join([block async for block in response])

    assert fetch() == body(1000)


def test_the_view_is_exempt_on_every_database(monkeypatch):
    monkeypatch.setitem(connections.settings, "archive", connections.settings["default"])
    assert MakerCsvView.as_view()._non_atomic_requests == {"default", "archive"}
