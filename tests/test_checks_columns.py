"""Check the columns of views."""

import functools

from django.core.checks import Error
from django.db.models import Count, F, QuerySet
from django.urls import path

from streamreports.columns import Column
from streamreports.reports import Report
from streamreports.views import StreamingCsvView
from tests.checking import BareView, CargoView, check, check_view
from tests.models import Drawer, Maker, Specimen

# E003: each column


def test_a_misspelt_column_is_said_with_what_was_meant(settings):
    assert check_view(settings, columns=["nmae"]) == [
        Error(
            "CargoView.columns: 'nmae' is not a field, annotation, property or method of Maker.",
            hint="Did you mean 'name'?",
            id="streamreports.E003",
        )
    ]


def test_a_column_misspelt_along_its_path_is_said_with_what_was_meant(settings):
    assert check_view(settings, model=Specimen, columns=["maker__naem"]) == [
        Error(
            "CargoView.columns: 'maker__naem' is not a field, annotation, property or method "
            "of Maker.",
            hint="Did you mean 'maker__name'?",
            id="streamreports.E003",
        )
    ]


def test_a_misspelt_annotation_is_said_with_what_was_meant(settings):
    queryset = Maker.objects.annotate(total=Count("specimens"))
    (error,) = check_view(settings, queryset=queryset, columns=["totl"])
    assert error.hint == "Did you mean 'total'?"


def test_a_column_like_nothing_is_said_with_what_there_is(settings):
    (error,) = check_view(settings, columns=["zzzzzz"])
    assert error.hint == "Choose from: get_size_display, id, name, shout, size, specimens."


def test_a_misspelt_name_in_an_expression_is_said(settings):
    column = Column(F("nmae") * 2, label="x")
    (error,) = check_view(settings, columns=[column])
    assert error.id == "streamreports.E003"
    assert error.msg.startswith("CargoView.columns: ")
    assert "Cannot resolve keyword 'nmae' into field." in error.msg


def test_a_callable_without_a_name_is_said(settings):
    (error,) = check_view(settings, columns=[Column(functools.partial(str))])
    assert error.hint == 'Give it one: Column(..., label="...").'


def test_a_method_that_alters_data_is_said(settings):
    assert check_view(settings, model=Drawer, columns=["empty"]) == [
        Error(
            "CargoView.columns: 'empty' is a method that alters data.",
            hint="Name a method that only reads.",
            id="streamreports.E003",
        )
    ]


def test_each_bad_column_is_said(settings):
    errors = check_view(settings, columns=["nmae", "name", "sizze"])
    assert [error.hint for error in errors] == ["Did you mean 'name'?", "Did you mean 'size'?"]


def test_columns_that_do_not_go_together_are_said(settings):
    queryset = Maker.objects.values("name")
    assert check_view(settings, queryset=queryset, columns=["name", "specimens__char"]) == [
        Error(
            "CargoView.columns: 'specimens__char' needs model instances, and the queryset has "
            "values().",
            hint="Annotate the queryset with what the column should hold.",
            id="streamreports.E003",
        )
    ]


def test_the_columns_of_a_view_without_a_queryset_are_not_looked_at(settings):
    class View(BareView):
        columns = ["nmae"]

    assert [error.id for error in check(settings, path("", View.as_view()))] == [
        "streamreports.E001"
    ]


# What is known at run time only is not guessed at


def test_a_get_queryset_of_the_view_is_not_guessed_at(settings):
    class View(StreamingCsvView):
        columns = ["total"]

        def get_queryset(self):
            raise AssertionError("There is no request.")

    assert check(settings, path("", View.as_view())) == []


def test_a_get_queryset_of_a_mixin_is_not_guessed_at(settings):
    class OwnMixin:
        def get_queryset(self):
            return super().get_queryset().filter(name=self.request.user.name)

    class View(OwnMixin, CargoView):
        columns = ["total"]

    assert check(settings, path("", View.as_view())) == []


def test_a_get_ordering_of_the_view_is_not_guessed_at(settings):
    def get_ordering(self):
        return self.request.GET["order"]

    assert check_view(settings, get_ordering=get_ordering, columns=["total"]) == []


def test_a_get_columns_of_the_view_is_not_guessed_at(settings):
    def get_columns(self):
        return self.request.GET.getlist("columns")

    assert check_view(settings, get_columns=get_columns, columns=None) == []


def test_a_get_format_of_the_view_is_not_guessed_at(settings):
    def get_format(self):
        return self.request.user.format

    assert check_view(settings, get_format=get_format, formats=[]) == []


def test_a_get_report_of_the_view_is_not_guessed_at(settings):
    def get_report(self):
        return Report(Maker.objects.all(), self.request.GET.getlist("columns"))

    class View(StreamingCsvView):
        filename = "makers.csv"

    assert check_view(settings, base=View, get_report=get_report) == []


class ScopedQuerySet(QuerySet):
    """A queryset as packages for tenants make them: useless outside a request."""

    def all(self):
        raise RuntimeError("There is no tenant.")


def test_a_manager_that_needs_a_request_is_not_guessed_at(settings):
    assert check_view(settings, queryset=ScopedQuerySet(Maker), columns=["total"]) == []


def test_missing_columns_are_said_of_a_view_whose_queryset_is_not_known(settings):
    class View(StreamingCsvView):
        def get_queryset(self):
            raise AssertionError("There is no request.")

    (error,) = check(settings, path("", View.as_view()))
    assert error.id == "streamreports.E002"
