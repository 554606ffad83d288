"""What `manage.py check` says about permissions, misspelt names and lists."""

import django_filters
import pytest
from django.core import checks
from django.urls import path
from django.views.generic import ListView

from streamreports.columns import Column
from streamreports.pages import ReportListMixin
from tests.checking import CargoView, check, check_view
from tests.models import Maker


class MethodFilter(django_filters.FilterSet):
    large = django_filters.BooleanFilter(method="filter_large")
    name = django_filters.CharFilter()


PRIVATE = ["name", Column("size", permission="tests.view_maker")]


@pytest.mark.parametrize("permission", ["tests.view_maker", "tests.export_maker", "other.app"])
def test_a_permission_that_may_exist(settings, permission):
    assert check_view(settings, columns=["name", Column("size", permission=permission)]) == []


@pytest.mark.parametrize("permission", ["view_maker", True, "a.b.c"])
def test_a_permission_that_is_none(settings, permission):
    columns = ["name", Column("size", permission=permission)]
    assert check_view(settings, columns=columns) == [
        checks.Error(
            f"CargoView.columns: {permission!r} is not a permission.",
            hint="Write it as '<app label>.<codename>', such as 'cargo.view_price'.",
            id="streamreports.E013",
        )
    ]


def test_a_permission_that_resembles_one(settings):
    columns = ["name", Column("size", permission="tests.veiw_maker")]
    assert check_view(settings, columns=columns) == [
        checks.Warning(
            "CargoView.columns: no model has the permission 'tests.veiw_maker'.",
            hint="Did you mean 'tests.view_maker'?",
            id="streamreports.W006",
        )
    ]


def test_a_permission_of_a_filter_that_does_not_exist(settings):
    (found,) = check_view(
        settings, filterset_class=MethodFilter, filter_permissions={"lagre": "tests.view_maker"}
    )
    assert found.id == "streamreports.E013"
    assert found.msg == "CargoView.filter_permissions: no filter is named 'lagre'."
    assert found.hint == "Choose from: large, name."


def test_a_method_beside_a_private_column_needs_an_entry(settings):
    (found,) = check_view(settings, filterset_class=MethodFilter, columns=PRIVATE)
    assert found.id == "streamreports.W007"
    assert "'large'" in found.msg


@pytest.mark.parametrize("permission", ["tests.view_maker", None])
def test_a_method_beside_a_private_column_with_an_entry(settings, permission):
    assert check_view(
        settings,
        filterset_class=MethodFilter,
        columns=PRIVATE,
        filter_permissions={"large": permission},
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("selectable_column", "selectable_columns"),
        ("order_fields", "ordering_fields"),
        ("max_row", "max_rows"),
        ("filter_permission", "filter_permissions"),
    ],
)
def test_a_misspelt_attribute(settings, name, meant):
    assert check_view(settings, **{name: ["name"]}) == [
        checks.Warning(
            f"CargoView.{name} has no effect.",
            hint=f"Did you mean {meant!r}?",
            id="streamreports.W004",
        )
    ]


def test_an_attribute_of_the_project(settings):
    assert check_view(settings, CargoView, tenant="a", template_name="b.html") == []


# Lists


def check_list(settings, *bases, **attributes):
    view_class = type("CargoList", bases, {"model": Maker, **attributes})
    return check(settings, path("cargo/", view_class.as_view()))


def test_a_list(settings):
    assert check_list(settings, ReportListMixin, ListView, report_columns=["name"]) == []


def test_a_list_with_an_unknown_column(settings):
    (found,) = check_list(settings, ReportListMixin, ListView, report_columns=["nmae"])
    assert found.id == "streamreports.E003"
    assert found.msg.startswith("CargoList.report_columns: 'nmae' is not a field")
    assert found.hint == "Did you mean 'name'?"


def test_a_list_without_columns(settings):
    (found,) = check_list(settings, ReportListMixin, ListView)
    assert (found.id, found.msg) == (
        "streamreports.E002",
        "CargoList is missing report_columns.",
    )


@pytest.mark.parametrize(
    "name", ["report_columns", "report_view_class", "background", "model", "queryset"]
)
def test_a_list_with_a_property_that_needs_a_request(settings, name):
    attributes = {"report_columns": ["name"], name: property(lambda self: self.request.user)}
    assert check_list(settings, ReportListMixin, ListView, **attributes) == []


def test_a_list_whose_init_needs_a_request(settings):
    def init(self, **kwargs):
        raise LookupError("There is no tenant.")

    bases = (ReportListMixin, ListView)
    assert check_list(settings, *bases, report_columns=["name"], __init__=init) == []


def test_a_list_whose_mixin_has_no_effect(settings):
    (found,) = check_list(settings, ListView, ReportListMixin, report_columns=["name"])
    assert found == checks.Error(
        "CargoList: ReportListMixin comes after the list view, and has no effect.",
        hint="Write class CargoList(ReportListMixin, ...).",
        id="streamreports.E014",
    )
