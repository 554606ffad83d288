"""Reports that a filter set of django-filter selects the rows of."""

import datetime

import django_filters
import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection

from streamreports.exceptions import ReportError
from tests.factories import SpecimenFactory
from tests.filtered import FilteredView, MakerFilter, SpecimenView, request, send
from tests.models import Maker

ALL = "Name,Size\r\nAnn,1\r\nBob,2\r\nCid,\r\n"


@pytest.fixture
def makers(db):
    """Save three makers."""
    return [
        Maker.objects.create(name=name, size=size)
        for name, size in (("Ann", 1), ("Bob", 2), ("Cid", None))
    ]


# What is selected


def test_without_parameters_all_rows_are_sent(makers, rf):
    assert send(rf, FilteredView) == (200, ALL)


def test_a_parameter_selects_rows(makers, rf):
    assert send(rf, FilteredView, "name=b") == (200, "Name,Size\r\nBob,2\r\n")


def test_a_parameter_may_have_several_values(makers, rf):
    assert send(rf, FilteredView, "size=1&size=2") == (200, "Name,Size\r\nAnn,1\r\nBob,2\r\n")


def test_a_range_reads_two_parameters(makers, rf):
    key = makers[1].pk
    assert send(rf, FilteredView, f"key_min={key}&key_max={key}") == (
        200,
        "Name,Size\r\nBob,2\r\n",
    )


def test_an_ordering_filter_orders(makers, rf):
    assert send(rf, FilteredView, "sort=-by_name")[1].splitlines()[1] == "Cid,"


def test_no_row_selected_is_a_header(makers, rf):
    assert send(rf, FilteredView, "name=zoe") == (200, "Name,Size\r\n")


@pytest.mark.parametrize("query", ["name=", "name=%20", "size=", "key_min=&key_max=", "sort="])
def test_blank_values_count_as_absent(makers, rf, query):
    assert send(rf, FilteredView, query) == (200, ALL)


def test_an_unknown_parameter_without_a_value_counts_as_absent(makers, rf):
    assert send(rf, FilteredView, "nmae=") == (200, ALL)


def test_a_page_number_has_no_effect(makers, rf):
    assert send(rf, FilteredView, "page=2") == (200, ALL)


def test_the_format_may_be_named(makers, rf):
    assert send(rf, FilteredView, "format=csv") == (200, ALL)


def test_parameters_that_methods_read_are_listed(makers, rf):
    class View(FilteredView):
        parameters = ["first"]

        def filter_queryset(self, queryset):
            return queryset.filter(name__startswith=self.request.GET.get("first", ""))

    assert send(rf, View, "first=A") == (200, "Name,Size\r\nAnn,1\r\n")


def test_filter_queryset_and_the_filter_set_are_combined(makers, rf):
    class View(FilteredView):
        def filter_queryset(self, queryset):
            return queryset.filter(size__isnull=False)

    assert send(rf, View, "name=b") == (200, "Name,Size\r\nBob,2\r\n")
    assert send(rf, View, "name=c") == (200, "Name,Size\r\n")


def test_the_filter_set_may_depend_on_the_request(makers, rf):
    class View(FilteredView):
        filterset_class = None

        def get_filterset_class(self):
            return MakerFilter

    assert send(rf, View, "name=b") == (200, "Name,Size\r\nBob,2\r\n")


def test_get_filterset_may_give_a_prefix(makers, rf):
    class View(FilteredView):
        def get_filterset(self, queryset):
            return MakerFilter(self.request.GET, queryset, request=self.request, prefix="m")

    assert send(rf, View, "m-name=b") == (200, "Name,Size\r\nBob,2\r\n")
    assert send(rf, View, "name=b")[0] == 400


def test_a_filter_set_may_give_defaults(makers, rf):
    """As django-filter's documentation shows it: the data are copied."""

    class DefaultFilter(MakerFilter):
        def __init__(self, data=None, *args, **kwargs):
            data = data.copy()
            data.setdefault("name", "ann")
            super().__init__(data, *args, **kwargs)

    class View(FilteredView):
        filterset_class = DefaultFilter

    assert send(rf, View) == (200, "Name,Size\r\nAnn,1\r\n")
    assert send(rf, View, "name=b") == (200, "Name,Size\r\nBob,2\r\n")


# What is rejected, before any query


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("nmae=b", "nmae: Unknown parameter. Did you mean “name”?"),
        ("zzz=1", "zzz: Unknown parameter."),
        ("key=1", "key: Unknown parameter. Did you mean “key_max”?"),
        ("key_min=x", "key_min: Enter a number."),
        ("size=7", "size: Select a valid choice. 7 is not one of the available choices."),
        ("size=1&size=7", "size: Select a valid choice. 7 is not one of the available choices."),
        ("sort=x", "sort: Select a valid choice. x is not one of the available choices."),
        ("name=a&name=b", "name: This parameter may be given only once."),
        ("name=%00", "name: Null characters are not allowed."),
        ("format=xml", "format: “xml” is unknown. Choose from: csv."),
        ("format=cvs", "format: “cvs” is unknown. Did you mean “csv”?"),
        ("columns=name", "columns: The columns of this report cannot be chosen."),
        ("ordering=name", "ordering: The order of this report cannot be chosen."),
    ],
)
def test_a_bad_parameter_is_rejected_without_a_query(
    makers, rf, django_assert_num_queries, query, message
):
    with django_assert_num_queries(0):
        assert send(rf, FilteredView, query) == (400, f"{message}\n")


def test_a_parameter_is_suggested_by_the_end_of_its_path(makers, rf):
    class Filter(MakerFilter):
        specimens__char = django_filters.CharFilter()

    class View(FilteredView):
        filterset_class = Filter

    assert send(rf, View, "chr=x") == (
        400,
        "chr: Unknown parameter. Did you mean “specimens__char”?\n",
    )


@pytest.mark.parametrize("name", ["parameters", "ordering_fields", "selectable_columns"])
def test_none_is_as_good_as_nothing(makers, rf, name):
    view_class = type("View", (FilteredView,), {name: None})
    assert send(rf, view_class) == (200, ALL)


def test_every_error_is_named(makers, rf):
    assert send(rf, FilteredView, "key_min=x&nmae=b&format=xml") == (
        400,
        "format: “xml” is unknown. Choose from: csv.\n"
        "key_min: Enter a number.\n"
        "nmae: Unknown parameter. Did you mean “name”?\n",
    )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("date_after=2026-13-01", "date_after: Enter a valid date."),
        ("datetime_before=x", "datetime_before: Enter a valid date/time."),
        ("maker=x", "maker: Select a valid choice. That choice is not one of the available "
         "choices."),
        ("decimal=x&decimal_lookup=gt", "decimal: Enter a number."),
        ("decimal=1", "decimal: Select a lookup."),
        ("date=2026-01-01", "date: Unknown parameter. Did you mean “date_after”?"),
    ],
)  # fmt: skip
def test_a_bad_value_of_several_parameters_is_rejected(db, rf, query, message):
    assert send(rf, SpecimenView, query) == (400, f"{message}\n")


def test_a_range_of_dates_selects_rows(db, rf):
    for day in (1, 2, 3):
        SpecimenFactory(char=str(day), date=datetime.date(2026, 1, day))
    assert send(rf, SpecimenView, "date_after=2026-01-02") == (
        200,
        "Char,Date\r\n2,2026-01-02\r\n3,2026-01-03\r\n",
    )


def test_a_lookup_and_its_value_select_rows(db, rf):
    for number in (1, 2):
        SpecimenFactory(char=str(number), date=None, decimal=number)
    assert send(rf, SpecimenView, "decimal=1&decimal_lookup=gt") == (200, "Char,Date\r\n2,\r\n")


def test_filter_queryset_may_raise_a_validation_error(makers, rf):
    class View(FilteredView):
        parameters = ["year"]

        def filter_queryset(self, queryset):
            raise ValidationError({"year": ["Give a year.", "And a month."]})

    assert send(rf, View, "year=x") == (400, "year: Give a year.\nyear: And a month.\n")


def test_get_queryset_may_raise_a_validation_error(makers, rf):
    class View(FilteredView):
        def get_queryset(self):
            raise ValidationError("Choose a year or a month.")

    assert send(rf, View) == (400, "Choose a year or a month.\n")


def test_an_error_of_the_whole_form_names_no_parameter(makers, rf):
    class Form(forms.Form):
        def clean(self):
            raise ValidationError("Choose a name or a size.")

    class FormFilter(MakerFilter):
        class Meta(MakerFilter.Meta):
            form = Form

    class View(FilteredView):
        filterset_class = FormFilter

    assert send(rf, View, "name=b") == (400, "Choose a name or a size.\n")


def test_a_view_that_is_not_strict_ignores_unknown_parameters(makers, rf):
    class View(FilteredView):
        strict_parameters = False

    assert send(rf, View, "nmae=b") == (200, ALL)


def test_a_view_that_is_not_strict_rejects_bad_values(makers, rf):
    class View(FilteredView):
        strict_parameters = False

    assert send(rf, View, "key_min=x") == (400, "key_min: Enter a number.\n")


def test_a_view_without_filters_is_strict_as_well(makers, rf):
    class View(FilteredView):
        filterset_class = None

    assert send(rf, View, "name=b") == (400, "name: Unknown parameter.\n")


def test_a_name_of_the_view_itself_may_be_given_up(makers, rf):
    class View(FilteredView):
        format_param = None

    assert send(rf, View, "format=csv")[0] == 400


def test_a_head_request_is_rejected_too(makers, rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert FilteredView.as_view()(rf.head("/report.csv?nmae=b")).status_code == 400


def test_the_response_to_bad_parameters_may_be_another(makers, rf):
    class View(FilteredView):
        def handle_invalid_parameters(self, error):
            raise LookupError(error.errors)

    with pytest.raises(LookupError, match=r"\{'nmae': "):
        View.as_view()(request(rf, "nmae=b"))


@pytest.mark.parametrize(
    ("queryset", "kind"),
    [(Maker.objects.all()[:2], "slice"), (Maker.objects.union(Maker.objects.all()), "union")],
)
def test_a_queryset_that_cannot_be_filtered_is_refused(db, rf, queryset, kind):
    class View(FilteredView):
        ordering = None

        def get_queryset(self):
            return queryset

    with pytest.raises(ReportError, match=f"The queryset of View is a {kind}, which cannot be"):
        View.as_view()(request(rf))


def test_the_filter_set_sees_the_request(makers, rf):
    seen = []

    class SeeingFilter(MakerFilter):
        def filter_queryset(self, queryset):
            seen.append(self.request)
            return super().filter_queryset(queryset)

    class View(FilteredView):
        filterset_class = SeeingFilter

    made = request(rf)
    b"".join(View.as_view()(made))
    assert seen == [made]


def test_the_query_of_a_filtered_report_is_one(own_connection, rf):
    Maker.objects.create(name="Ann")
    before = len(connection.queries_log)
    assert send(rf, FilteredView, "name=a")[0] == 200
    assert len(connection.queries_log) == before  # The report has a connection of its own.


def test_all_errors_are_said_at_once(rf):
    class TwoErrorsView(FilteredView):
        def filter_queryset(self, queryset):
            raise ValidationError({"letter": "Give one letter."})

    response = TwoErrorsView.as_view()(rf.get("/", {"size": "9"}))
    assert response.text == (
        "letter: Give one letter.\n"
        "size: Select a valid choice. 9 is not one of the available choices.\n"
    )
