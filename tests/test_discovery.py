"""Where report views are found, their URLs, and what the command prints about them."""

import functools

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core import checks
from django.core.checks import Error
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.http import HttpResponse
from django.urls import clear_script_prefix, include, path, re_path, set_script_prefix
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import ListView, TemplateView

from streamreports.checks import check_report_views
from streamreports.discovery import report_urls, view_urls
from tests.checking import BareView, CargoView, check
from tests.models import Maker

MISSING_QUERYSET = Error(
    "BareView is missing a QuerySet.",
    hint="Define BareView.model, BareView.queryset, or override BareView.get_queryset().",
    id="streamreports.E001",
)


# Where views are found


def test_keyword_arguments_of_the_urlconf_count(settings):
    (error,) = check(settings, path("", CargoView.as_view(columns=["nmae"])))
    assert error.hint == "Did you mean 'name'?"


def test_keyword_arguments_of_the_urlconf_may_be_the_cure(settings):
    assert check(settings, path("", BareView.as_view(model=Maker))) == []


def test_a_view_is_found_by_a_regular_expression(settings):
    assert check(settings, re_path(r"^a/$", BareView.as_view())) == [MISSING_QUERYSET]


def test_a_view_is_found_through_include(settings):
    patterns = [path("a/", include([path("b/", include([path("c/", BareView.as_view())]))]))]
    assert check(settings, *patterns) == [MISSING_QUERYSET]


def test_a_view_is_found_in_a_namespace(settings):
    included = ([path("c/", BareView.as_view())], "reports")
    assert check(settings, path("a/", include(included))) == [MISSING_QUERYSET]


def test_a_view_is_found_behind_a_language_prefix(settings):
    patterns = i18n_patterns(path("a/", BareView.as_view()))
    assert check(settings, *patterns) == [MISSING_QUERYSET]


@pytest.mark.parametrize(
    "decorate",
    [login_required, never_cache, lambda view: login_required(never_cache(view))],
    ids=["login_required", "never_cache", "both"],
)
def test_a_view_is_found_behind_decorators(settings, decorate):
    assert check(settings, path("", decorate(BareView.as_view()))) == [MISSING_QUERYSET]


def test_a_view_is_found_behind_decorators_of_its_methods(settings):
    view_class = method_decorator(login_required, name="dispatch")(
        type("BareView", (BareView,), {})
    )
    assert check(settings, path("", view_class.as_view())) == [MISSING_QUERYSET]


def test_a_view_is_found_behind_mixins(settings):
    view_class = type("BareView", (LoginRequiredMixin, BareView), {})
    assert check(settings, path("", view_class.as_view())) == [MISSING_QUERYSET]


def test_a_view_of_two_addresses_is_said_once(settings):
    patterns = [path("a/", BareView.as_view()), path("b/", BareView.as_view())]
    assert check(settings, *patterns) == [MISSING_QUERYSET]


def test_views_that_are_wrong_are_said_one_by_one(settings):
    class OtherView(BareView):
        pass

    errors = check(settings, path("a/", BareView.as_view()), path("b/", OtherView.as_view()))
    assert [error.msg for error in errors] == [
        "BareView is missing a QuerySet.",
        "OtherView is missing a QuerySet.",
    ]


# Views of others


def test_views_of_others_are_left_alone(settings):
    def function_view(request):
        return HttpResponse()

    class BareListView(ListView):
        pass

    assert (
        check(
            settings,
            path("admin/", admin.site.urls),
            path("exports/", include("streamreports.exports.urls")),  # for CargoAdmin
            path("a/", function_view),
            path("b/", BareListView.as_view()),
            path("c/", functools.partial(function_view)),
            path("d/", TemplateView.as_view()),
        )
        == []
    )


def test_a_callable_that_calls_something_else_its_class_is_left_alone(settings):
    def function_view(request):
        return HttpResponse()

    function_view.view_class = "BareView"
    assert check(settings, path("a/", function_view)) == []


# manage.py check


def test_the_check_is_registered_among_those_of_urls(settings):
    settings.ROOT_URLCONF = (path("", BareView.as_view()),)
    assert MISSING_QUERYSET in checks.run_checks(tags=[checks.Tags.urls])


def test_the_command_fails_and_prints_problem_and_cure(settings):
    settings.ROOT_URLCONF = (path("", CargoView.as_view(columns=["nmae"])),)
    with pytest.raises(SystemCheckError) as raised:
        call_command("check", tags=["urls"])
    assert (
        "(streamreports.E003) CargoView.columns: 'nmae' is not a field, annotation, "
        "property or method of Maker.\n\tHINT: Did you mean 'name'?\n"
    ) in str(raised.value)


def test_the_check_can_be_silenced(settings):
    settings.ROOT_URLCONF = (path("", BareView.as_view()),)
    settings.SILENCED_SYSTEM_CHECKS = ["streamreports.E001"]
    call_command("check", tags=["urls"])


def test_checking_twice_gives_the_same(settings):
    patterns = [path("a/", BareView.as_view()), path("b/", CargoView.as_view(columns=["nmae"]))]
    first = check(settings, *patterns)
    assert len(first) == 2
    assert check_report_views() == first


def test_checking_changes_nothing_about_the_view(settings, db, rf):
    view = CargoView.as_view()
    check(settings, path("", view))
    assert b"".join(view(rf.get("/"))) == b"Name\r\n"


# The URLs of views


def urls(settings, *patterns):
    """Return the path and the name of each report in a URLconf."""
    settings.ROOT_URLCONF = patterns
    return [(url.path, url.name) for url, _ in report_urls()]


def test_the_url_of_a_view_has_its_path_and_its_name(settings):
    patterns = [path("cargo.csv", CargoView.as_view(), name="cargo")]
    assert urls(settings, *patterns) == [("/cargo.csv", "cargo")]


def test_the_url_of_a_view_may_have_no_name(settings):
    assert urls(settings, path("cargo.csv", CargoView.as_view())) == [("/cargo.csv", "")]


def test_the_path_of_a_url_shows_its_arguments(settings):
    patterns = [path("<slug:port>/<int:year>.csv", CargoView.as_view())]
    assert urls(settings, *patterns) == [("/<slug:port>/<int:year>.csv", "")]


def test_the_name_of_a_url_begins_with_its_namespaces(settings):
    inner = ([path("c.csv", CargoView.as_view(), name="c")], "inner")
    outer = ([path("b/", include(inner, namespace="own"))], "outer")
    assert urls(settings, path("a/", include(outer))) == [("/a/b/c.csv", "outer:own:c")]


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        (r"^reports/cargo\.csv$", "/reports/cargo.csv"),
        (r"^(?P<year>[0-9]{4})\.csv\Z", "/<year>.csv"),
        (r"^(\d+)/(\d+)/$", "/<0>/<1>/"),
        (r"^100%/$", "/100%/"),
        (r"^(?i:cargo)$", "/^(?i:cargo)$"),
    ],
)
def test_a_regular_expression_is_shown_as_a_path(settings, pattern, shown):
    assert urls(settings, re_path(pattern, CargoView.as_view())) == [(shown, "")]


def test_the_path_of_a_url_has_its_language_prefix(settings):
    patterns = i18n_patterns(path("cargo.csv", CargoView.as_view()))
    assert urls(settings, *patterns) == [("/en/cargo.csv", "")]


def test_the_path_of_a_url_begins_with_the_script_prefix(settings):
    set_script_prefix("/app/")
    try:
        patterns = [path("cargo.csv", CargoView.as_view())]
        assert urls(settings, *patterns) == [("/app/cargo.csv", "")]
    finally:
        clear_script_prefix()


def test_a_url_has_its_view_with_decorators(settings):
    decorated = login_required(CargoView.as_view())
    settings.ROOT_URLCONF = (path("cargo.csv", decorated),)
    ((url, view),) = report_urls()
    assert url.callback is decorated
    assert type(view) is CargoView


def test_all_views_have_urls(settings):
    settings.ROOT_URLCONF = (path("a/", TemplateView.as_view(), name="a"),)
    assert [(url.path, url.name) for url in view_urls()] == [("/a/", "a")]
