"""What `manage.py check` says about filters, chosen columns and orders."""

import django_filters
import pytest
from django.core import checks

from streamreports.columns import Column
from tests.checking import CargoView, check_view
from tests.filtered import ChoosingView, FilteredView
from tests.models import Maker


def error(number, problem, hint):
    return [checks.Error(problem, hint=hint, id=f"streamreports.{number}")]


@pytest.mark.parametrize("base", [FilteredView, ChoosingView])
def test_nothing_is_wrong(settings, base):
    assert check_view(settings, base) == []


class OrderFilter(django_filters.FilterSet):
    ordering = django_filters.OrderingFilter(fields=["name"])


def test_a_filter_with_the_name_of_a_parameter_of_the_view(settings):
    assert check_view(settings, filterset_class=OrderFilter) == error(
        "E009",
        "CargoView: the parameter 'ordering' is that of CargoView.ordering_param and of a filter.",
        "Rename the filter, or set CargoView.ordering_param to another name or None.",
    )


def test_a_parameter_of_the_view_that_is_given_up(settings):
    assert check_view(settings, filterset_class=OrderFilter, ordering_param=None) == []


def test_a_parameter_of_a_method_with_the_name_of_one_of_the_view(settings):
    (found,) = check_view(settings, parameters=["format"])
    assert found.id == "streamreports.E009"
    assert "CargoView.format_param" in found.msg


def test_a_filter_set_that_needs_a_request_is_not_guessed(settings):
    class Filter(django_filters.FilterSet):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.user = self.request.user

    assert check_view(settings, filterset_class=Filter) == []


def test_a_selectable_column_that_does_not_exist(settings):
    assert check_view(settings, selectable_columns=["name", "size"]) == error(
        "E010",
        "CargoView.selectable_columns: no column is named 'size'.",
        "Choose from: name.",
    )


def test_selectable_columns_that_are_a_string(settings):
    assert check_view(settings, selectable_columns="name") == error(
        "E010", "CargoView.selectable_columns is 'name'.", "Write ['name'], or True."
    )


def test_selectable_columns_with_equal_names(settings):
    columns = [Column("name", label="A"), Column("name", label="B")]
    found = check_view(settings, columns=columns, selectable_columns=True)
    assert (
        error(
            "E010",
            "CargoView.selectable_columns: several columns are named 'name'.",
            'Give each column a unique name: Column(..., name="...").',
        )[0]
        in found
    )


@pytest.mark.parametrize("field", ["shout", "specimens__char"])
def test_an_ordering_field_that_the_database_cannot_order_by(settings, field):
    assert check_view(settings, ordering_fields=[field]) == error(
        "E010",
        f"CargoView.ordering_fields: The rows cannot be ordered by '{field}'.",
        "Name fields, paths to one object, annotations and expressions only.",
    )


def test_an_ordering_field_that_does_not_exist(settings):
    (found,) = check_view(settings, ordering_fields=["nmae"])
    assert found.id == "streamreports.E010"
    assert found.hint == "Did you mean 'name'?"


def test_ordering_fields_that_are_a_string(settings):
    assert check_view(settings, ordering_fields="name") == error(
        "E010", "CargoView.ordering_fields is 'name'.", "Write ['name']."
    )


def test_a_slice_that_a_request_may_order(settings):
    (found,) = check_view(settings, queryset=Maker.objects.all()[:5], ordering_fields=["name"])
    assert found.id == "streamreports.E010"
    assert found.msg == (
        "The queryset of CargoView is a slice, which cannot be filtered or ordered."
    )


def test_columns_with_permissions_are_checked_for_everybody(settings):
    columns = ["name", Column("wieght", permission="tests.view_weight")]
    (found,) = check_view(settings, CargoView, columns=columns)
    assert found.id == "streamreports.E003"
