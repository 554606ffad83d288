import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import path

from streamreports.columns import Column
from streamreports.exceptions import ReportError
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from streamreports.views import StreamingCsvView, StreamingReportView
from tests.models import Maker
from tests.views import MakerCsvView, get

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
        "WideFormat.delimiter is '||'. Use one character, except a quote, a line ending or NUL."
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
