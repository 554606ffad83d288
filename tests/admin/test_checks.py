import pytest
from django.apps import apps
from django.contrib import admin
from django.core.checks import Error, Warning
from django.db.models import Count
from django.urls import path

from streamreports.admin import ReportAdminMixin
from streamreports.checks import check_report_views
from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from tests.models import Maker


def check(**attributes):
    """Return what the checks of an admin say."""
    class_ = type("MakerAdmin", (ReportAdminMixin, admin.ModelAdmin), attributes)
    found = class_(Maker, admin.AdminSite()).check()
    for message in found:
        assert message.obj is class_
        message.obj = None
    return found


def test_nothing_is_wrong_with_the_defaults():
    assert check() == []


def test_columns_of_all_kinds_are_found():
    def method(self, maker):
        """Return nothing."""

    columns = ["name", "get_size_display", "shout", "method", Column("specimens__char")]
    assert check(report_columns=columns, method=method) == []


def test_an_unknown_column_is_reported():
    assert check(report_columns=["nmae"]) == [
        Error(
            "MakerAdmin.report_columns: 'nmae' is not a field, annotation, property or method of"
            " Maker.",
            hint="Did you mean 'name'?",
            id="streamreports.E003",
        )
    ]


def test_a_column_may_be_an_annotation_of_get_queryset():
    def get_queryset(self, request):
        return admin.ModelAdmin.get_queryset(self, request).annotate(total=Count("specimens"))

    assert check(report_columns=["total"], get_queryset=get_queryset) == []


@pytest.mark.parametrize(
    ("columns", "problem", "hint"),
    [
        ("name", "'name' is a string, not a list of columns.", "Write ['name']."),
        ([], "A report has no columns.", "List the columns to export."),
        ([5], "5 is not a column.", "List strings and Column objects."),
    ],
)
def test_columns_that_are_no_list_are_reported(columns, problem, hint):
    assert check(report_columns=columns) == [
        Error(f"MakerAdmin.report_columns: {problem}", hint=hint, id="streamreports.E003")
    ]


@pytest.mark.parametrize("formats", [[], None, CsvFormat])
def test_formats_that_are_no_list_are_reported(formats):
    assert check(report_formats=formats) == [
        Error(
            f"MakerAdmin.report_formats is {formats!r}.",
            hint="Define it as a list of formats.",
            id="streamreports.E004",
        )
    ]


def test_a_format_that_is_none_is_reported():
    (error,) = check(report_formats=[CsvFormat, "csv"])
    assert error.msg == "MakerAdmin.report_formats: 'csv' is not a format."
    assert error.id == "streamreports.E004"


# The permission


def test_an_app_that_is_not_installed_is_reported(settings):
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "streamreports"]
    assert check() == [
        Error(
            "MakerAdmin exports reports, but 'streamreports' is not installed: it has no template,"
            " and the permission 'tests.export_maker' is not created.",
            hint="Add 'streamreports' to INSTALLED_APPS, and run migrate.",
            id="streamreports.E011",
        )
    ]


def test_an_app_for_which_migrate_creates_no_permissions_is_reported(monkeypatch):
    monkeypatch.setattr(apps.get_app_config("tests"), "models_module", None)
    assert check() == [
        Warning(
            "The permission 'tests.export_maker' is not created: migrate creates none for the app"
            " 'tests', which has no models module.",
            hint="Create it in a migration, or override has_report_permission().",
            id="streamreports.W005",
        )
    ]


# The view


def test_the_view_of_an_admin_is_found_and_passes(settings):
    site = admin.AdminSite()
    site.register(Maker, type("MakerAdmin", (ReportAdminMixin, admin.ModelAdmin), {}))
    settings.ROOT_URLCONF = (path("admin/", site.urls),)
    assert check_report_views() == []


def test_the_numbers_of_its_view_class_are_checked(settings):
    from streamreports.admin.views import ChangeListReportView

    view = type("View", (ChangeListReportView,), {"max_rows": 0})
    site = admin.AdminSite()
    attributes = {"report_view_class": view}
    site.register(Maker, type("MakerAdmin", (ReportAdminMixin, admin.ModelAdmin), attributes))
    settings.ROOT_URLCONF = (path("admin/", site.urls),)
    (error,) = check_report_views()
    assert error.msg == "MakerAdminReportView.max_rows is 0."
