import functools

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core import checks
from django.core.checks import Error, Warning
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db.models import Count, F, QuerySet
from django.http import HttpResponse
from django.urls import include, path, re_path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import ListView, TemplateView

from streamreports.checks import check_report_views, check_server
from streamreports.columns import Column
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.reports import Report
from streamreports.views import StreamingCsvView, StreamingReportView
from tests.models import Drawer, Maker, Specimen


class CargoView(StreamingCsvView):
    """A view with which nothing is wrong."""

    model = Maker
    columns = ["name"]


class BareView(StreamingCsvView):
    """A view of which nothing is said."""

    columns = ["name"]


def check(settings, *patterns):
    """Return what the checks say of a URLconf."""
    settings.ROOT_URLCONF = patterns
    return check_report_views()


def check_view(settings, base=CargoView, **attributes):
    """Return what the checks say of a view called CargoView, with some attributes of its own."""
    view_class = type("CargoView", (base,), attributes)
    return check(settings, path("cargo.csv", view_class.as_view()))


MISSING_QUERYSET = Error(
    "BareView is missing a QuerySet.",
    hint="Define BareView.model, BareView.queryset, or override BareView.get_queryset().",
    id="streamreports.E001",
)


# Nothing is wrong


def test_nothing_is_said_of_a_view_that_works(settings):
    assert check_view(settings) == []


def test_nothing_is_said_of_the_demo(settings):
    settings.ROOT_URLCONF = "demo_project.urls"
    assert check_report_views() == []


def test_nothing_is_said_where_there_is_no_urlconf(settings):
    settings.ROOT_URLCONF = None
    assert check_report_views() == []


def test_nothing_is_said_where_there_are_no_reports(settings):
    assert check(settings, path("", TemplateView.as_view(template_name="a.html"))) == []


@pytest.mark.parametrize(
    "column",
    [
        "pk",
        "maker",
        "maker_id",
        "maker__name",
        "maker__shout",
        "get_kind_display",
        "parts__name",
        "certificate__number",
        "datetime__year",
        "__str__",
        F("integer"),
        Column(F("integer") * 2, label="Twice"),
        Column(Count("parts"), label="Parts"),
        Column(lambda specimen: "x", label="x"),
    ],
)
def test_every_kind_of_column_is_found(settings, column):
    if not isinstance(column, str):
        column = column if isinstance(column, Column) else Column(column)
    assert check_view(settings, model=Specimen, columns=[column]) == []


def test_an_annotation_is_found(settings):
    queryset = Maker.objects.annotate(total=Count("specimens"))
    assert check_view(settings, queryset=queryset, columns=["total"], ordering=["-total"]) == []


def test_no_query_runs(settings):
    """The database is closed to tests that do not ask for it."""
    columns = ["char", "maker__name", "parts__name", Column(lambda specimen: 1, label="x")]
    assert check_view(settings, model=Specimen, columns=columns) == []


# E001: the model or queryset


def test_a_missing_model_is_said_in_the_words_of_django(settings):
    assert check(settings, path("", BareView.as_view())) == [MISSING_QUERYSET]


@pytest.mark.parametrize("model", ["tests.Maker", 5])
def test_a_model_that_is_none_is_said(settings, model):
    assert check_view(settings, model=model) == [
        Error(
            f"CargoView.model is {model!r}, which is not a model.",
            hint="Define CargoView.model as a model class.",
            id="streamreports.E001",
        )
    ]


NOT_A_QUERYSET = (
    "Define CargoView.queryset as a QuerySet, or return one from CargoView.get_queryset()."
)


@pytest.mark.parametrize(
    ("queryset", "kind"), [([1], "list"), (Maker.objects, "Manager"), ((), "tuple")]
)
def test_a_queryset_that_is_none_is_said(settings, queryset, kind):
    assert check_view(settings, queryset=queryset) == [
        Error(
            f"The queryset of CargoView is a {kind}.",
            hint=NOT_A_QUERYSET,
            id="streamreports.E001",
        )
    ]


def test_a_queryset_that_is_none_with_an_ordering_is_said(settings):
    assert check_view(settings, queryset=[1], ordering="name") == [
        Error("The queryset of CargoView is a list.", hint=NOT_A_QUERYSET, id="streamreports.E001")
    ]


# E002: columns


@pytest.mark.parametrize("columns", [None, [], ()])
def test_missing_columns_are_said(settings, columns):
    assert check_view(settings, columns=columns) == [
        Error(
            "CargoView is missing columns.",
            hint="Define CargoView.columns, or override CargoView.get_columns().",
            id="streamreports.E002",
        )
    ]


def test_everything_that_is_missing_is_said(settings):
    assert check_view(settings, base=StreamingReportView) == [
        Error(
            "CargoView.formats is ().",
            hint="Define CargoView.formats as a list of formats, such as "
            "[streamreports.formats.csv.CsvFormat], or override CargoView.get_formats().",
            id="streamreports.E004",
        ),
        Error(
            "CargoView is missing a QuerySet.",
            hint="Define CargoView.model, CargoView.queryset, "
            "or override CargoView.get_queryset().",
            id="streamreports.E001",
        ),
        Error(
            "CargoView is missing columns.",
            hint="Define CargoView.columns, or override CargoView.get_columns().",
            id="streamreports.E002",
        ),
    ]


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


# E004: the format


@pytest.mark.parametrize("formats", [None, "csv", [], CsvFormat])
def test_formats_that_are_not_a_list_are_an_error(settings, formats):
    assert check_view(settings, formats=formats) == [
        Error(
            f"CargoView.formats is {formats!r}.",
            hint="Define CargoView.formats as a list of formats, such as "
            "[streamreports.formats.csv.CsvFormat], or override CargoView.get_formats().",
            id="streamreports.E004",
        )
    ]


@pytest.mark.parametrize("format_class", ["csv", dict, Format, CsvFormat()])
def test_an_invalid_format_is_an_error(settings, format_class):
    assert check_view(settings, formats=[CsvFormat, format_class]) == [
        Error(
            f"CargoView.formats: {format_class!r} is not a format.",
            hint="Use a subclass of streamreports.formats.base.Format that implements encode(), "
            "such as streamreports.formats.csv.CsvFormat.",
            id="streamreports.E004",
        )
    ]


class HalfFormat(Format):
    """A format that does not say how it encodes."""

    content_type = "text/plain"
    extension = "txt"


def test_a_format_without_encode_is_an_error(settings):
    (error,) = check_view(settings, formats=[HalfFormat])
    assert error.id == "streamreports.E004"
    assert error.msg.startswith(f"CargoView.formats: {HalfFormat!r} is not a format.")


class WideFormat(CsvFormat):
    delimiter = "||"


def test_a_format_that_cannot_write_every_report_is_said(settings):
    assert check_view(settings, formats=[WideFormat]) == [
        Error(
            "WideFormat.delimiter is '||'.",
            hint="Use one character, except a quote, a line end or NUL.",
            id="streamreports.E004",
        )
    ]


def test_a_format_that_depends_on_the_language_is_no_error(settings):
    assert check_view(settings, formats=[ExcelCsvFormat]) == []


# E005: the ordering


@pytest.mark.parametrize("ordering", ["nmae", ["nmae"], ("-nmae",), ["name", "-nmae"]])
def test_a_misspelt_ordering_is_said(settings, ordering):
    assert check_view(settings, ordering=ordering) == [
        Error(
            "CargoView.ordering: Cannot resolve keyword 'nmae' into field.",
            hint="Choices are: id, name, size, specimens",
            id="streamreports.E005",
        )
    ]


@pytest.mark.parametrize("ordering", [[5], [None], [Count("specimens")]])
def test_an_ordering_that_cannot_be_is_said(settings, ordering):
    (error,) = check_view(settings, ordering=ordering)
    assert error.id == "streamreports.E005"
    assert error.msg.startswith("CargoView.ordering: ")
    assert error.hint


def test_an_ordering_of_a_part_of_the_rows_is_said(settings):
    (error,) = check_view(settings, queryset=Maker.objects.all()[:10], ordering=["name"])
    assert error.id == "streamreports.E005"
    assert error.hint


@pytest.mark.parametrize("ordering", ["?", "-name", ["maker__name", "pk"], [F("name").desc()]])
def test_an_ordering_that_works_is_no_error(settings, ordering):
    queryset = Specimen.objects.annotate(name=F("char"))
    assert check_view(settings, queryset=queryset, columns=["char"], ordering=ordering) == []


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


# Limits


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("max_rows", 0, "Use an integer of at least 1, or None."),
        ("max_rows", "10", "Use an integer of at least 1, or None."),
        ("max_rows", True, "Use an integer of at least 1, or None."),
        ("max_concurrent_streams", -1, "Use an integer of at least 1, or None."),
        ("buffered_up_to", -1, "Use an integer of at least 0."),
        ("buffered_up_to", None, "Use an integer of at least 0."),
        ("chunk_size", 0, "Use an integer of at least 1."),
        ("slot_timeout", "5", "Use a number of at least 0."),
        ("slot_timeout", -0.5, "Use a number of at least 0."),
        ("retry_after", None, "Use an integer of at least 0."),
    ],
)
def test_an_invalid_number_is_an_error(settings, name, value, hint):
    error = Error(f"CargoView.{name} is {value!r}.", hint=hint, id="streamreports.E006")
    assert check_view(settings, **{name: value}) == [error]


def test_limits_that_are_some_are_right(settings):
    numbers = {"max_rows": 1, "max_concurrent_streams": 1, "buffered_up_to": 0}
    assert check_view(settings, **numbers, slot_timeout=0.5, retry_after=0) == []


# The server


def test_daphne_is_warned_of(monkeypatch):
    monkeypatch.setattr("streamreports.checks.apps.is_installed", lambda name: name == "daphne")
    (warning,) = check_server()
    assert (type(warning), warning.id) == (Warning, "streamreports.W001")


def test_other_servers_are_not_known():
    assert check_server() == []
