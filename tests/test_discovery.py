"""Where report views are found, and what the command prints about them."""

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
from django.urls import include, path, re_path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import ListView, TemplateView

from streamreports.checks import check_report_views
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
