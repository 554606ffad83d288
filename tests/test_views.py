import re

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import (
    LoginRequiredMixin,
    PermissionRequiredMixin,
    UserPassesTestMixin,
)
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import connection, connections
from django.db.models import Count, F
from django.http import Http404, HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control, never_cache

from streamreports.columns import Column
from streamreports.exceptions import ReportError
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.reports import Report
from streamreports.views import StreamingCsvView, StreamingReportView
from tests.models import Certificate, Maker, Specimen
from tests.views import MakerCsvView, body, make


class PlainCsvView(StreamingCsvView):
    model = Maker
    columns = ["name"]


def get(rf, view_class, **initkwargs):
    """Return the response of a view to a GET request."""
    return view_class.as_view(**initkwargs)(rf.get("/report/"))


def file_of(rf, view_class, **initkwargs):
    """Return the file of a view as text."""
    return b"".join(get(rf, view_class, **initkwargs)).decode()


def disposition(rf, view_class, **initkwargs):
    return get(rf, view_class, **initkwargs).headers["Content-Disposition"]


def save(*names, **kwargs):
    Maker.objects.bulk_create(Maker(name=name, **kwargs) for name in names)


# Headers


def test_these_are_all_the_headers(db, rf):
    assert dict(get(rf, MakerCsvView).headers) == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="makers.csv"',
        "Cache-Control": "private, no-store",
    }


def test_cache_control_can_be_changed(db, rf):
    response = get(rf, MakerCsvView, cache_control="private, max-age=60")
    assert response.headers["Cache-Control"] == "private, max-age=60"


def test_cache_control_can_be_left_out(db, rf):
    assert "Cache-Control" not in get(rf, MakerCsvView, cache_control=None).headers


def test_cache_control_can_be_left_to_a_decorator(db, rf):
    view = cache_control(public=True, max_age=60)(MakerCsvView.as_view(cache_control=None))
    assert view(rf.get("/")).headers["Cache-Control"] == "public, max-age=60"


def test_never_cache_adds_to_cache_control(db, rf):
    response = never_cache(MakerCsvView.as_view())(rf.get("/"))
    assert set(response.headers["Cache-Control"].split(", ")) == {
        "private",
        "no-store",
        "max-age=0",
        "no-cache",
        "must-revalidate",
    }


def test_further_headers_come_from_get_headers(db, rf):
    class View(MakerCsvView):
        def get_headers(self):
            return {**super().get_headers(), "X-Accel-Buffering": "no"}

    headers = get(rf, View).headers
    assert (headers["X-Accel-Buffering"], headers["Cache-Control"]) == ("no", "private, no-store")


def test_the_status_is_200(db, rf):
    assert get(rf, MakerCsvView).status_code == 200


# The file name


def test_the_file_is_named_after_the_model_by_default(db, rf):
    assert disposition(rf, PlainCsvView) == 'attachment; filename="makers.csv"'


def test_the_default_name_has_the_extension_of_the_format(db, rf):
    class TabFormat(CsvFormat):
        extension = "tsv"

    assert disposition(rf, PlainCsvView, formats=[TabFormat]) == (
        'attachment; filename="makers.tsv"'
    )


def test_the_default_name_is_in_the_active_language(db, rf):
    with translation.override("de"):
        header = disposition(rf, PlainCsvView, model=Permission)
    assert header == 'attachment; filename="Berechtigungen.csv"'


def test_the_default_name_is_of_the_model_of_the_queryset(db, rf):
    queryset = Certificate.objects.all()
    header = disposition(rf, PlainCsvView, model=None, queryset=queryset, columns=["number"])
    assert header == 'attachment; filename="certificates.csv"'


def test_the_name_can_be_given(db, rf):
    header = disposition(rf, PlainCsvView, filename="Größen.csv")
    assert header == "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fen.csv"


def test_the_name_can_be_a_lazy_translation(db, rf):
    with translation.override("de"):
        header = disposition(rf, PlainCsvView, filename=gettext_lazy("Yes"))
    assert header == 'attachment; filename="Ja"'


def test_an_empty_name_is_not_the_default(db, rf):
    assert disposition(rf, PlainCsvView, filename="") == 'attachment; filename="report"'


def test_the_name_may_depend_on_the_request(db, rf):
    class View(PlainCsvView):
        def get_filename(self):
            return f"makers-{self.kwargs['year']}-{self.request.GET['month']}.csv"

    response = View.as_view()(rf.get("/", {"month": "11"}), year=2026)
    assert response.headers["Content-Disposition"] == ('attachment; filename="makers-2026-11.csv"')


# The queryset


def test_model_gives_every_object(db, rf):
    save("Ann", "Bob")
    assert sorted(file_of(rf, PlainCsvView).splitlines()) == ["Ann", "Bob", "Name"]


def test_queryset_gives_its_objects(db, rf):
    save("Ann", "Bob")
    queryset = Maker.objects.filter(name="Bob")
    assert file_of(rf, PlainCsvView, model=None, queryset=queryset) == "Name\r\nBob\r\n"


def test_queryset_is_stronger_than_model(db, rf):
    save("Ann", "Bob")
    queryset = Maker.objects.filter(name="Bob")
    assert file_of(rf, PlainCsvView, model=Specimen, queryset=queryset) == "Name\r\nBob\r\n"


def test_get_queryset_may_depend_on_the_request(db, rf):
    class View(PlainCsvView):
        def get_queryset(self):
            return super().get_queryset().filter(name=self.request.GET["name"])

    save("Ann", "Bob")
    response = View.as_view()(rf.get("/", {"name": "Bob"}))
    assert b"".join(response) == b"Name\r\nBob\r\n"


def test_get_queryset_may_answer_that_there_is_nothing(db, client, settings):
    class View(PlainCsvView):
        def get_queryset(self):
            raise Http404("No such year.")

    settings.ROOT_URLCONF = (path("report/", View.as_view()),)
    assert client.get("/report/").status_code == 404


@pytest.mark.parametrize(
    "ordering", ["-name", ["-name"], ("-name", "pk"), F("name").desc(), [F("name").desc()]]
)
def test_ordering_orders_the_rows(db, rf, ordering):
    save("Ann", "Cid", "Bob")
    if not isinstance(ordering, (str, list, tuple)):
        ordering = (ordering,)
    assert file_of(rf, PlainCsvView, ordering=ordering) == "Name\r\nCid\r\nBob\r\nAnn\r\n"


def test_ordering_is_stronger_than_that_of_the_queryset(db, rf):
    save("Ann", "Cid", "Bob")
    queryset = Maker.objects.order_by("name")
    assert file_of(rf, PlainCsvView, queryset=queryset, ordering="-name") == (
        "Name\r\nCid\r\nBob\r\nAnn\r\n"
    )


def test_get_ordering_may_depend_on_the_request(db, rf):
    class View(PlainCsvView):
        def get_ordering(self):
            return self.request.GET["order"]

    save("Ann", "Cid", "Bob")
    response = View.as_view()(rf.get("/", {"order": "-name"}))
    assert b"".join(response) == b"Name\r\nCid\r\nBob\r\nAnn\r\n"


def test_a_queryset_of_the_class_is_read_anew_for_each_request(db, rf):
    class View(PlainCsvView):
        queryset = Maker.objects.order_by("name")

    save("Ann")
    first = file_of(rf, View)
    save("Bob")
    assert (first, file_of(rf, View)) == ("Name\r\nAnn\r\n", "Name\r\nAnn\r\nBob\r\n")


def test_a_queryset_that_was_read_already_is_read_anew(db, rf):
    save("Ann")
    queryset = Maker.objects.order_by("name")
    assert len(queryset) == 1

    class View(PlainCsvView):
        def get_queryset(self):
            return queryset

    save("Bob")
    assert file_of(rf, View) == "Name\r\nAnn\r\nBob\r\n"


def test_reading_leaves_no_rows_in_the_queryset_of_the_class(db, rf):
    class View(PlainCsvView):
        queryset = Maker.objects.order_by("name")

    save("Ann")
    file_of(rf, View, columns=[Column(lambda maker: maker.name, label="Name")])
    assert View.queryset._result_cache is None


def test_an_annotation_of_the_queryset_can_be_a_column(db, rf):
    save("Ann")
    queryset = Maker.objects.annotate(specimen_count=Count("specimens"))
    assert file_of(rf, PlainCsvView, queryset=queryset, columns=["specimen_count"]) == (
        "Specimen count\r\n0\r\n"
    )


# Columns


def test_columns_may_be_a_tuple(db, rf):
    save("Ann", size=Maker.Size.LARGE)
    assert file_of(rf, PlainCsvView, columns=("name", "get_size_display")) == (
        "Name,Size\r\nAnn,Large works\r\n"
    )


def test_get_columns_may_depend_on_the_request(db, rf):
    class View(PlainCsvView):
        def get_columns(self):
            return [*self.columns, *self.request.GET.getlist("also")]

    save("Ann", size=2)
    response = View.as_view()(rf.get("/", {"also": "size"}))
    assert b"".join(response) == b"Name,Size\r\nAnn,2\r\n"


def test_a_column_may_be_a_method_of_the_view(db, rf):
    class View(PlainCsvView):
        def get_columns(self):
            return ["name", Column(self.greeting, label="Greeting")]

        def greeting(self, maker):
            return f"{self.request.GET['greeting']} {maker.name}"

    save("Ann")
    response = View.as_view()(rf.get("/", {"greeting": "Hello"}))
    assert b"".join(response) == b"Name,Greeting\r\nAnn,Hello Ann\r\n"


def test_a_method_of_the_view_is_labelled_by_its_name(db, rf):
    class View(PlainCsvView):
        def get_columns(self):
            return [Column(self.first_letter)]

        def first_letter(self, maker):
            return maker.name[0]

    save("Ann")
    assert file_of(rf, View) == "First letter\r\nA\r\n"


def test_columns_can_be_given_in_the_urlconf(db, rf):
    save("Ann", size=2)
    assert file_of(rf, PlainCsvView, columns=["size"]) == "Size\r\n2\r\n"


def test_two_urls_with_columns_of_their_own_do_not_mix(db, rf):
    save("Ann", size=2)
    views = [PlainCsvView.as_view(columns=["size"]), PlainCsvView.as_view()]
    assert [b"".join(view(rf.get("/"))) for view in views] == [
        b"Size\r\n2\r\n",
        b"Name\r\nAnn\r\n",
    ]


def test_an_attribute_that_does_not_exist_cannot_be_given_in_the_urlconf():
    with pytest.raises(TypeError, match="received an invalid keyword 'colums'"):
        PlainCsvView.as_view(colums=["size"])


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


# What is wrong is said, with the name of the view's class and the cure


class UnfinishedView(StreamingCsvView):
    """A view to which something is missing, or wrong."""

    model = Maker
    columns = ["name"]


def error_of(rf, **attributes):
    """Return the message that an unfinished view gives."""
    view_class = type("UnfinishedView", (UnfinishedView,), attributes)
    with pytest.raises(ImproperlyConfigured) as raised:
        get(rf, view_class)
    return str(raised.value)


def test_a_missing_model_is_said_in_the_words_of_django(rf):
    assert error_of(rf, model=None) == (
        "UnfinishedView is missing a QuerySet. Define UnfinishedView.model, "
        "UnfinishedView.queryset, or override UnfinishedView.get_queryset()."
    )


def test_a_model_that_is_a_string_is_said(rf):
    assert error_of(rf, model="tests.Maker") == (
        "UnfinishedView.model is 'tests.Maker', which is not a model. "
        "Define UnfinishedView.model as a model class."
    )


def test_a_queryset_that_is_a_list_is_said(rf):
    assert error_of(rf, queryset=[1, 2]) == (
        "The queryset of UnfinishedView is a list. Define UnfinishedView.queryset as a QuerySet, "
        "or return one from UnfinishedView.get_queryset()."
    )


def test_a_queryset_that_is_a_list_with_an_ordering_is_said(rf):
    assert error_of(rf, queryset=[1, 2], ordering="name") == (
        "The queryset of UnfinishedView is a list. Define UnfinishedView.queryset as a QuerySet, "
        "or return one from UnfinishedView.get_queryset()."
    )


def test_a_queryset_that_is_a_manager_is_said(rf):
    assert error_of(rf, queryset=Maker.objects).startswith(
        "The queryset of UnfinishedView is a Manager. "
    )


def test_a_get_queryset_that_returns_nothing_is_said(rf):
    assert error_of(rf, get_queryset=lambda self: None).startswith(
        "The queryset of UnfinishedView is a NoneType. "
    )


@pytest.mark.parametrize("columns", [None, [], ()])
def test_missing_columns_are_said(rf, columns):
    assert error_of(rf, columns=columns) == (
        "UnfinishedView is missing columns. Define UnfinishedView.columns, "
        "or override UnfinishedView.get_columns()."
    )


def test_get_columns_without_columns_is_said(rf):
    assert error_of(rf, get_columns=lambda self: []) == (
        "UnfinishedView.columns: A report has no columns. List the columns to export."
    )


def test_an_unknown_column_is_said(rf):
    assert error_of(rf, columns=["nmae"]) == (
        "UnfinishedView.columns: 'nmae' is not a field, annotation, property or method of Maker. "
        "Did you mean 'name'?"
    )


def test_an_unknown_column_of_get_columns_is_said(rf):
    assert error_of(rf, get_columns=lambda self: [Column("specimens__chra")]) == (
        "UnfinishedView.columns: 'specimens__chra' is not a field, annotation, property or method "
        "of Specimen. Did you mean 'specimens__char'?"
    )


def test_something_else_among_the_columns_is_said(rf):
    assert error_of(rf, columns=[5]) == (
        "UnfinishedView.columns: 5 is not a column. List strings and Column objects."
    )


def test_an_unknown_ordering_is_said(rf):
    message = error_of(rf, ordering=["nmae"])
    assert re.fullmatch(
        r"UnfinishedView\.ordering: Cannot resolve keyword 'nmae' into field\. "
        r"Choices are: id, name, size, specimens",
        message,
    )


@pytest.mark.parametrize("formats", [None, "csv", [], CsvFormat])
def test_formats_must_be_a_list(rf, formats):
    assert error_of(rf, formats=formats) == (
        f"UnfinishedView.formats is {formats!r}. "
        "Define UnfinishedView.formats as a list of formats, such as "
        "[streamreports.formats.csv.CsvFormat], or override UnfinishedView.get_formats()."
    )


@pytest.mark.parametrize("format_class", ["csv", dict, Format])
def test_an_invalid_format_is_rejected(rf, format_class):
    assert error_of(rf, formats=[format_class]) == (
        f"UnfinishedView.formats: {format_class!r} is not a format. "
        "Use a subclass of streamreports.formats.base.Format that implements encode(), such as "
        "streamreports.formats.csv.CsvFormat."
    )


class HalfFormat(Format):
    """A format that does not say how it encodes."""

    content_type = "text/plain"
    extension = "txt"


def test_a_format_without_encode_is_rejected(rf):
    assert error_of(rf, formats=[HalfFormat]).startswith(
        f"UnfinishedView.formats: {HalfFormat!r} is not a format. "
    )


def test_a_format_that_cannot_write_every_report_is_said(rf):
    class WideFormat(CsvFormat):
        delimiter = "||"

    assert error_of(rf, formats=[WideFormat]) == (
        "WideFormat.delimiter is '||'. Use one character, except a quote, a line end or NUL."
    )


def test_a_report_view_without_a_format_is_said(rf):
    class View(StreamingReportView):
        model = Maker
        columns = ["name"]

    with pytest.raises(ReportError, match=r"^View\.formats is \(\)\. "):
        get(rf, View)


def test_what_is_wrong_is_said_to_head_as_well(rf):
    with pytest.raises(ImproperlyConfigured, match="Did you mean 'name'"):
        UnfinishedView.as_view(columns=["nmae"])(rf.head("/"))


def test_what_is_wrong_is_an_ordinary_server_error(client, settings):
    settings.ROOT_URLCONF = (path("report/", UnfinishedView.as_view(columns=["nmae"])),)
    settings.MIDDLEWARE = []
    client.raise_request_exception = False
    assert client.get("/report/").status_code == 500


@pytest.mark.parametrize("hook", ["get_queryset", "get_ordering", "get_columns", "get_format"])
def test_what_a_hook_of_the_view_raises_is_not_disguised(rf, hook):
    def fail(self):
        return self.request.tenant

    with pytest.raises(AttributeError, match="has no attribute 'tenant'"):
        get(rf, type("View", (MakerCsvView,), {hook: fail}))


# Limits


def test_a_report_of_more_rows_than_may_be_is_refused(db, rf):
    save("A", "B", "C")
    response = get(rf, PlainCsvView, max_rows=2)
    assert (response.status_code, response.headers["Content-Type"]) == (413, "text/plain")
    assert response.content.decode() == (
        "This report is limited to 2 rows. Use filters to select fewer rows, or download it in"
        " parts.\n"
    )


def test_a_report_of_as_many_rows_as_may_be_is_sent(db, rf):
    save("A", "B")
    assert file_of(rf, PlainCsvView, max_rows=2, ordering="name") == "Name\r\nA\r\nB\r\n"


def test_rows_are_counted_no_further_than_need_be(db, rf, django_assert_num_queries):
    save("A", "B", "C")
    with django_assert_num_queries(1) as queries:
        get(rf, PlainCsvView, max_rows=1)
    assert "COUNT" not in queries[0]["sql"]
    assert "LIMIT 1 OFFSET 1" in queries[0]["sql"]


def test_the_rows_of_a_slice_are_counted(db, rf):
    save("A", "B", "C")
    queryset = Maker.objects.order_by("name")[:2]
    assert file_of(rf, PlainCsvView, max_rows=2, queryset=queryset) == "Name\r\nA\r\nB\r\n"


def test_head_counts_no_rows(db, rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = PlainCsvView.as_view(max_rows=1)(rf.head("/report/"))
    assert response.status_code == 200


def test_a_small_report_has_a_length(db, rf):
    save("A")
    response = get(rf, PlainCsvView)
    assert response.headers["Content-Length"] == str(len(b"".join(response)))


def test_a_report_of_as_many_bytes_as_are_buffered_has_a_length(db, rf):
    save("A")
    size = len("Name\r\nA\r\n")
    assert get(rf, PlainCsvView, buffered_up_to=size).has_header("Content-Length")
    response = get(rf, PlainCsvView, buffered_up_to=size - 3)
    assert not response.has_header("Content-Length")
    assert len(b"".join(response)) == size


def test_a_small_report_has_ended_before_it_is_sent(db, rf, finished):
    save("A", "B")
    get(rf, PlainCsvView)
    assert [(sent["outcome"], sent["rows"], sent["bytes"]) for sent in finished] == [
        ("completed", 2, len("Name\r\nA\r\nB\r\n"))
    ]


def test_a_header_that_is_early_leaves_before_any_query(db, rf, django_assert_num_queries):
    save("A")
    with django_assert_num_queries(0):
        response = get(rf, PlainCsvView, early_header=True)
        blocks = iter(response)
        assert next(blocks) == b"Name"
    assert b"".join(blocks) == b"\r\nA\r\n"


class OneAtATimeView(MakerCsvView):
    max_concurrent_streams = 1


@pytest.fixture
def stream(own_connection, rf):
    """Return a stream that holds the only slot of its view."""
    make(1000)
    response = get(rf, OneAtATimeView)
    yield response
    response.close()


def test_more_streams_than_the_limit_are_rejected(stream, rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = get(rf, OneAtATimeView)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
    assert response.content == b"Too many reports are being downloaded. Try again later.\n"


def test_retry_after_can_be_set(stream, rf):
    assert get(rf, OneAtATimeView, retry_after=60).headers["Retry-After"] == "60"


def test_a_stream_that_is_closed_releases_its_slot(stream, rf):
    stream.close()
    assert get(rf, OneAtATimeView).status_code == 200


def test_a_stream_that_is_sent_releases_its_slot(stream, rf):
    assert b"".join(stream) == body(1000)
    assert get(rf, OneAtATimeView).status_code == 200


def test_a_refused_report_takes_no_slot(db, rf):
    save("A", "B")
    for _ in range(3):
        assert get(rf, OneAtATimeView, max_rows=1).status_code == 413


def test_a_report_that_fails_at_once_takes_no_slot(db, rf):
    class BadView(OneAtATimeView):
        columns = ["nmae"]

    for _ in range(3):
        with pytest.raises(ImproperlyConfigured, match="nmae"):
            get(rf, BadView)


def test_head_takes_no_slot(db, rf):
    for _ in range(3):
        assert OneAtATimeView.as_view()(rf.head("/report/")).status_code == 200
