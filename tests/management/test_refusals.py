"""What is said if a view does not respond with a file."""

from http.client import responses  # Python 3.13 has other words for 413.

import pytest
from django.contrib.auth.decorators import login_required, user_passes_test
from django.contrib.auth.models import User
from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    ImproperlyConfigured,
    PermissionDenied,
)
from django.http import (
    Http404,
    HttpResponse,
    HttpResponsePermanentRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_GET

from streamreports.formats.csv import CsvFormat
from tests.filtered import FilteredView
from tests.management.support import dump, refusal
from tests.views import MakerCsvView, PlainCsvView, make

pytestmark = pytest.mark.django_db


def refused(settings, view, *arguments):
    """Return what is said of a view's response."""
    settings.ROOT_URLCONF = (path("report/", view),)
    return refusal("/report/", *arguments)


def responds(response):
    return lambda request: response


def raises(error):
    def view(request):
        raise error

    return view


# Users


def test_a_redirect_to_the_login_is_said(settings):
    settings.LOGIN_URL = "/accounts/login/"
    assert refused(settings, login_required(MakerCsvView.as_view())) == (
        "/report/ redirects to /accounts/login/?next=/report/."
        " Name a user who may see it with --user."
    )


def test_a_redirect_of_a_user_to_the_login_is_said(settings):
    User.objects.create_user("ana")
    view = user_passes_test(lambda user: user.is_staff, login_url="/staff/")(HttpResponse)
    assert refused(settings, view, "--user", "ana") == (
        "/report/ redirects to /staff/?next=/report/. The user ana may not see it."
    )


@pytest.mark.parametrize("status", [401, 403])
def test_a_user_who_is_needed_is_said(settings, status):
    reason = {401: "Unauthorized", 403: "Forbidden"}[status]
    assert refused(settings, responds(HttpResponse(status=status))) == (
        f"/report/ returned {status} {reason}. Name a user who may see it with --user."
    )


def test_a_user_who_may_not_see_a_report_is_said(settings):
    User.objects.create_user("ana")
    assert refused(settings, raises(PermissionDenied("Not today.")), "--user", "ana") == (
        "/report/ returned 403 Forbidden. Not today. The user ana may not see it."
    )


def test_a_user_who_does_not_exist_is_said(settings):
    assert refused(settings, MakerCsvView.as_view(), "--user", "ana") == (
        "No user has the username ana. Use that of an active user."
    )


def test_a_user_who_is_inactive_is_said(settings):
    User.objects.create_user("ana", is_active=False)
    assert refused(settings, MakerCsvView.as_view(), "--user", "ana") == (
        "The user with the username ana is inactive. Use that of an active user."
    )


def test_a_user_needs_the_app_of_users(settings):
    settings.INSTALLED_APPS = ["streamreports", "tests", "django.contrib.contenttypes"]
    assert refused(settings, MakerCsvView.as_view(), "--user", "ana") == (
        "--user requires django.contrib.auth in INSTALLED_APPS."
    )


def test_a_report_needs_no_app_of_users(settings):
    settings.INSTALLED_APPS = ["streamreports", "tests", "django.contrib.contenttypes"]
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view()),)
    assert dump("/report/") == b"Name,Size\r\n"


# Responses


def test_a_redirect_is_said(settings):
    assert refused(settings, responds(HttpResponsePermanentRedirect("/other/"))) == (
        "/report/ redirects to /other/. Use that URL instead."
    )


PAGE = "/report/ is a page, not a file. If the view offers files, choose one with --format."


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("<p>"),
        HttpResponse("<p>", content_type="application/xhtml+xml; charset=utf-8"),
        StreamingHttpResponse(["<p>"]),
    ],
)
def test_a_page_is_said(settings, response):
    assert refused(settings, responds(response)) == PAGE


def test_a_page_of_a_template_is_said(settings):
    def view(request):
        return TemplateResponse(request, engines["django"].from_string("<p>"))

    assert refused(settings, view) == PAGE


def test_a_report_in_html_is_no_page(settings):
    class HtmlFormat(CsvFormat):
        content_type = "text/html"

    settings.ROOT_URLCONF = (path("report/", PlainCsvView.as_view(formats=[HtmlFormat])),)
    assert dump("/report/") == b"Name\r\n"


def test_parameters_that_are_invalid_are_said(settings):
    assert refused(settings, FilteredView.as_view(), "--param", "nmae=a", "size=7") == (
        "/report/?nmae=a&size=7 returned 400 Bad Request."
        " size: Select a valid choice. 7 is not one of the available choices."
        " nmae: Unknown parameter. Did you mean “name”?"
    )


def test_a_report_that_is_too_large_is_said(settings):
    make(3)
    assert refused(settings, MakerCsvView.as_view(max_rows=2)) == (
        f"/report/ returned 413 {responses[413]}. This report is limited to 2 rows."
        " Use filters to select fewer rows, or download it in parts."
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Http404("No port."), "404 Not Found. No port."),
        (BadRequest("No year."), "400 Bad Request. No year."),
        (DisallowedHost("Invalid host."), "400 Bad Request. Invalid host."),
    ],
)
def test_the_exceptions_that_stand_for_a_status_are_said(settings, error, said):
    assert refused(settings, raises(error)) == f"/report/ returned {said}"


def test_the_text_of_an_error_is_said_in_one_line(settings):
    response = JsonResponse({"detail": "a\tb\x1b[31m"}, status=500)
    assert refused(settings, responds(response)) == (
        '/report/ returned 500 Internal Server Error. {"detail": "a\\tb\\u001b[31m"}'
    )
    response = HttpResponse("a\n\n  b\x1b[31mc\n" + "x" * 1000, status=500, charset="latin-1")
    response.headers["Content-Type"] = "text/plain"
    said = refused(settings, responds(response))
    assert "500 Internal Server Error. a b [31mc xxx" in said
    assert len(said) < 600


def test_the_page_of_an_error_is_not_said(settings):
    assert refused(settings, responds(HttpResponse("<p>", status=503))) == (
        "/report/ returned 503 Service Unavailable."
    )


def test_a_view_that_allows_no_head_is_said(settings):
    view = require_GET(MakerCsvView.as_view())
    assert refused(settings, view, "--explain") == (
        "/report/ returned 405 Method Not Allowed."
        " --explain sends a HEAD request, which the view must allow."
    )


# Exceptions


def test_a_report_that_is_described_wrongly_is_said_with_the_cure(settings):
    assert refused(settings, MakerCsvView.as_view(columns=["nmae"])) == (
        "MakerCsvView.columns: 'nmae' is not a field, annotation, property or method of Maker."
        " Did you mean 'name'?"
    )


def test_settings_that_are_wrong_are_said(settings):
    assert refused(settings, raises(ImproperlyConfigured("Set A."))) == "Set A."


def test_an_exception_is_said_in_one_line(settings):
    assert refused(settings, raises(ValueError("a\n  b."))) == (
        "/report/ raised ValueError: a b. --traceback shows where."
    )
