"""What dumpreport writes: which view it calls, and with which request."""

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.http import HttpResponse
from django.urls import include, path
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from rest_framework.permissions import IsAuthenticated
from rest_framework.views import APIView

from streamreports.columns import Column
from streamreports.shortcuts import stream_report
from streamreports.views import StreamingCsvView, StreamingView
from tests.filtered import ChoosingView
from tests.management.support import dump, refusal, said
from tests.models import Maker
from tests.views import MakerCsvView, body, make, name

pytestmark = pytest.mark.django_db


class RequestView(StreamingCsvView):
    """Send what the request says, as the header of a report without rows."""

    strict_parameters = False
    queryset = Maker.objects.none()

    def get_columns(self):
        return [Column("name", label=self.show(self.request))]


def shown(settings, show, *arguments, route="report/", **options):
    """Return what a function says of the request that the command makes."""
    view_class = type("ShowingView", (RequestView,), {"show": staticmethod(show)})
    settings.ROOT_URLCONF = (path(route, view_class.as_view(), name="report"),)
    (line,) = dump(*(arguments or ["report"]), **options).decode().splitlines()
    return line


# The view


def test_a_report_is_found_by_its_path(settings):
    settings.ROOT_URLCONF = (path("reports/makers.csv", MakerCsvView.as_view()),)
    make(3)
    assert dump("/reports/makers.csv") == body(3)


def test_a_report_is_found_by_the_name_of_its_url(settings):
    patterns = [path("makers.csv", MakerCsvView.as_view(), name="makers")]
    settings.ROOT_URLCONF = (path("reports/", include((patterns, "own"))),)
    make(3)
    assert dump("own:makers") == body(3)


def test_a_report_is_found_by_its_address(settings):
    address = "https://localhost/report/?a=1"
    assert shown(settings, lambda request: request.build_absolute_uri(), address) == address


def test_a_report_may_take_arguments_from_its_path(settings):
    assert (
        shown(
            settings,
            lambda request: str(request.resolver_match.kwargs),
            "/2026/",
            route="<int:year>/",
        )
        == "{'year': 2026}"
    )


def test_a_path_may_have_any_letters(settings):
    route = "<str:name>/"
    assert (
        shown(settings, lambda request: request.path_info, "/Z%C3%BCrich/", route=route)
        == "/Zürich/"
    )
    assert shown(settings, lambda request: request.path_info, "/Zürich/", route=route) == "/Zürich/"


def test_a_long_report_is_written_whole(settings):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    make(1000)
    assert dump("/report/") == body(1000)


def test_the_report_of_a_function_is_written(settings):
    @cache_control(private=True)
    def view(request):
        return stream_report(request, Maker.objects.all(), ["name"])

    settings.ROOT_URLCONF = (path("report/", view),)
    make(1)
    assert dump("/report/").decode() == f"Name\r\n{name(0)}\r\n"


def test_the_report_of_an_asynchronous_view_is_written(settings):
    async def view(request):
        user = await request.auser()
        return HttpResponse(str(user), content_type="text/csv")

    settings.ROOT_URLCONF = (path("report/", view),)
    assert dump("/report/") == b"AnonymousUser"


def test_the_report_of_a_view_of_django_rest_framework_is_written(settings):
    class ReportAPIView(APIView):
        permission_classes = [IsAuthenticated]

        def get(self, request):
            return stream_report(request, Maker.objects.all(), ["name"])

    settings.ROOT_URLCONF = (path("report/", ReportAPIView.as_view()),)
    User.objects.create_user("ana")
    assert dump("/report/", "--user", "ana") == b"Name\r\n"
    assert refusal("/report/").startswith("/report/ returned 403 Forbidden. ")


def test_a_file_that_is_no_report_is_written(settings):
    def view(request):
        return HttpResponse(b"\x00\xff", content_type="application/zip")

    settings.ROOT_URLCONF = (path("file/", view),)
    assert dump("/file/") == b"\x00\xff"
    assert said("/file/").startswith("/file/: 2 bytes in ")


class PiecesView(StreamingView):
    def generate(self):
        yield "a,"
        yield "b"


def test_pieces_that_are_no_page_are_written(settings):
    settings.ROOT_URLCONF = (path("file/", PiecesView.as_view(content_type="text/csv")),)
    assert dump("/file/") == b"a,b"
    assert said("/file/").startswith("/file/: 3 bytes in ")


def test_pieces_of_a_page_are_not_written(settings):
    settings.ROOT_URLCONF = (path("page/", PiecesView.as_view()),)
    assert refusal("/page/").startswith("/page/ is a page, not a file.")


def test_the_response_is_closed(settings):
    closed = []

    def view(request):
        response = HttpResponse(b"", content_type="text/csv")
        response._resource_closers.append(lambda: closed.append(request.path))
        return response

    settings.ROOT_URLCONF = (path("file/", view),)
    dump("/file/")
    assert closed == ["/file/"]


# The user


def test_nobody_requests_a_report_unless_a_user_is_named(settings):
    User.objects.create_superuser("root")
    assert shown(settings, lambda request: str(request.user)) == "AnonymousUser"


def test_a_report_is_requested_by_the_user_who_is_named(settings):
    User.objects.create_user("ana")
    assert shown(settings, lambda request: str(request.user), "report", "--user", "ana") == "ana"


def test_the_decorators_of_a_view_decide_who_gets_it(settings):
    guarded = permission_required("tests.view_maker", raise_exception=True)(MakerCsvView.as_view())
    settings.ROOT_URLCONF = (path("report/", login_required(guarded)),)
    ana = User.objects.create_user("ana")
    assert refusal("/report/", "--user", "ana") == (
        "/report/ returned 403 Forbidden. The user ana may not see it."
    )
    ana.user_permissions.add(Permission.objects.get(codename="view_maker"))
    assert dump("/report/", "--user", "ana") == body(0)


def test_the_columns_are_those_that_the_user_may_see(settings):
    columns = ["name", Column("size", permission="tests.view_maker")]
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view(columns=columns)),)
    User.objects.create_superuser("root")
    assert dump("/report/") == b"Name\r\n"
    assert dump("/report/", "--user", "root") == b"Name,Size\r\n"


# The parameters


def test_parameters_are_those_of_the_address_and_of_the_options(settings):
    arguments = ["report?a=1", "--param", "b=2", "c=3 & 4", "--param", "b="]
    assert (
        shown(settings, lambda request: request.GET.urlencode(), *arguments)
        == "a=1&b=2&b=&c=3+%26+4"
    )


def test_the_value_of_a_parameter_may_have_any_letters(settings):
    assert shown(settings, lambda request: request.GET["a"], "report", "--param", "a=é=&") == "é=&"


def test_columns_are_chosen(settings):
    settings.ROOT_URLCONF = (path("report/", ChoosingView.as_view()),)
    assert dump("/report/", "--columns", "size", "name") == b"Size,Name\r\n"
    assert dump("/report/", "--columns", "size,name") == b"Size,Name\r\n"


def test_columns_are_chosen_by_the_parameter_of_the_view(settings):
    view = ChoosingView.as_view(columns_param="fields")
    settings.ROOT_URLCONF = (path("report/", view),)
    assert dump("/report/", "--columns", "size") == b"Size\r\n"


# What else a view may read


def test_the_host_is_one_that_is_allowed(settings):
    settings.ALLOWED_HOSTS = ["*", ".example.com", "localhost"]
    assert shown(settings, lambda request: request.get_host()) == "example.com"


def test_the_session_is_empty_and_not_saved(settings):
    def show(request):
        request.session["a"] = 1
        return str(request.session.session_key)

    assert shown(settings, show) == "None"


def test_a_view_may_leave_messages(settings):
    from django.contrib import messages

    assert shown(settings, lambda request: str(messages.success(request, "Done"))) == "None"


# The language


LABEL = [Column("name", label=_("Yes"))]


def test_the_language_is_that_of_the_settings(settings):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view(columns=LABEL)),)
    assert dump("/report/") == b"Yes\r\n"


@pytest.mark.parametrize("locale", ["de", "de-at", "DE"])
def test_the_language_is_chosen(settings, locale):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view(columns=LABEL)),)
    assert dump("/report/", "--locale", locale) == b"Ja\r\n"
    assert get_language() == "en"


def test_the_language_may_be_that_of_the_path(settings):
    view = MakerCsvView.as_view(columns=LABEL)
    settings.ROOT_URLCONF = tuple(i18n_patterns(path("report/", view, name="report")))
    assert dump("/de/report/") == b"Ja\r\n"
    assert dump("report") == b"Yes\r\n"
    assert dump("report", "--locale", "de") == b"Ja\r\n"


# What is said


def test_the_result_is_said(settings):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    make(1000)
    assert said("/report/").startswith("/report/: 1,000 rows, 100.6 KB in ")


def test_nothing_is_said_if_it_should_be_quiet(settings):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    assert said("/report/", "--quiet") == ""


def test_a_file_is_written(settings, tmp_path, capsysbinary):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    make(3)
    file = tmp_path / "makers.csv"
    call_command("dumpreport", "/report/", "-o", str(file))
    printed = capsysbinary.readouterr()
    assert file.read_bytes() == body(3)
    assert printed.out == b""
    assert printed.err.startswith(f"{file}: 3 rows, 320 bytes in ".encode())


def test_a_dash_stands_for_standard_output(settings):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    assert dump("/report/", "-o", "-") == body(0)


# Explaining


def explained(*arguments, capsys):
    call_command("dumpreport", *arguments, "--explain")
    return capsys.readouterr().out


def test_a_report_is_explained_instead_of_sent(settings, capsys):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    first, *ways, blank, sql = explained("/report/", capsys=capsys).splitlines()
    assert first == "Reads text rows: the database prints every column."
    assert ways == ["  Name  printed by the database", "  Size  printed by the database"]
    assert blank == ""
    assert sql.startswith("SELECT ")
    assert "tests_maker" in sql


def test_the_explanation_is_that_of_the_request(settings, capsys):
    settings.ROOT_URLCONF = (path("report/", ChoosingView.as_view()),)
    printed = explained("/report/", "--columns", "shout", capsys=capsys)
    assert printed.startswith("Reads model instances: needed by Loud.\n")


def test_the_explanation_names_a_query_for_each_row(settings, capsys):
    column = Column(lambda maker: maker.specimens.count(), label="Specimens")
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view(columns=[column])),)
    make(3)
    assert "runs a query for each row" in explained("/report/", capsys=capsys)


def test_explaining_runs_no_query_of_the_report(settings, capsys, django_assert_num_queries):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    with django_assert_num_queries(0):
        explained("/report/", capsys=capsys)


def test_a_file_that_is_no_report_cannot_be_explained(settings):
    settings.ROOT_URLCONF = (path("file/", PiecesView.as_view(content_type="text/csv")),)
    assert refusal("/file/", "--explain") == (
        "The view does not return a report, so there is nothing to explain."
    )


def test_the_connection_of_the_caller_stays_open(settings):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    make(3)
    assert dump("/report/") == body(3)
    assert Maker.objects.count() == 3
