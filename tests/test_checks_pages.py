"""The checks of pages."""

import django_filters
from django import forms

from streamreports.pages import ReportView
from tests.checking import check_view
from tests.models import Maker


class PageView(ReportView):
    """A page with which nothing is wrong."""

    model = Maker
    columns = ["name"]


class OddInput(forms.TextInput):
    template_name = "odd_inputs/input.html"


class OddFilter(django_filters.FilterSet):
    name = django_filters.CharFilter(widget=OddInput)


def test_a_page_is_right(settings):
    assert check_view(settings, PageView) == []


def test_a_template_that_does_not_exist_is_an_error(settings):
    (error,) = check_view(settings, PageView, template_name="no/such.html")
    assert error.id == "streamreports.E012"
    assert error.msg == "CargoView: the template 'no/such.html' does not exist."


def test_templates_that_cannot_be_found_are_an_error(settings):
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [], "APP_DIRS": False}]
    (error,) = check_view(settings, PageView)
    assert error.msg == "CargoView: the template 'streamreports/report.html' does not exist."
    assert error.hint == (
        "Create it. Those of streamreports need 'streamreports' in INSTALLED_APPS and"
        " 'APP_DIRS': True in TEMPLATES."
    )


def test_the_templates_of_filters_must_exist(settings):
    (error,) = check_view(settings, PageView, filterset_class=OddFilter)
    assert error.msg == (
        "CargoView: the template 'odd_inputs/input.html' of a filter does not exist."
    )
    assert error.hint == "Add 'odd_inputs' to INSTALLED_APPS."


def test_a_page_needs_the_parameter_of_the_format(settings):
    (error,) = check_view(settings, PageView, format_param=None)
    assert error.msg == (
        "CargoView.format_param is None, but the page and the files have the same URL."
    )
