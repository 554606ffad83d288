"""What the checks say of reports that are made in the background."""

import pytest
from django.contrib import admin
from django.contrib.admin.sites import all_sites
from django.core.checks import Error
from django.urls import include, path
from django.views.generic import ListView

from streamreports.admin import ReportAdminMixin
from streamreports.pages import ReportListMixin
from streamreports.pages.lists import ListReportView
from tests.checking import CargoView, check, check_view
from tests.models import Maker

EXPORTS = path("exports/", include("streamreports.exports.urls"))


def check_with_exports(settings, **attributes):
    """Return what the checks say of CargoView in a project whose exports have URLs."""
    view_class = type("CargoView", (CargoView,), attributes)
    return check(settings, path("cargo.csv", view_class.as_view()), EXPORTS)


def error(problem, hint):
    return Error(problem, hint=hint, id="streamreports.E017")


@pytest.mark.parametrize(
    "attributes", [{}, {"background": True}, {"background": True, "background_above": 1}]
)
def test_nothing_is_said_of_a_view_that_works(settings, attributes):
    assert check_with_exports(settings, **attributes) == []


def test_a_limit_without_the_background_is_said(settings):
    assert check_with_exports(settings, background_above=500_000) == [
        error(
            "CargoView.background_above has no effect, since CargoView.background is False.",
            "Set CargoView.background = True, or remove background_above.",
        )
    ]


@pytest.mark.parametrize("limit", [0, -1, 1.5, "5", True])
def test_a_limit_that_is_no_number_of_rows_is_said(settings, limit):
    assert check_with_exports(settings, background=True, background_above=limit) == [
        error(f"CargoView.background_above is {limit!r}.", "Use an integer of at least 1, or None.")
    ]


def test_missing_urls_are_said(settings):
    assert check_view(settings, background=True) == [
        error(
            "CargoView.background is True, but the exports have no URLs.",
            'Add path("exports/", include("streamreports.exports.urls")) to the URLconf of the'
            " project.",
        )
    ]


def test_a_list_is_checked_as_a_view(settings):
    limit = type("LimitView", (ListReportView,), {"background_above": 5})
    attributes = {"model": Maker, "report_columns": ["name"], "report_view_class": limit}
    list_class = type("MakerList", (ReportListMixin, ListView), attributes)
    assert check(settings, path("makers/", list_class.as_view())) == [
        error(
            "LimitView.background_above has no effect, since MakerList.background is False.",
            "Set MakerList.background = True, or remove background_above.",
        )
    ]
    (missing,) = check(settings, path("makers/", list_class.as_view(background=True)))
    assert missing.msg == "MakerList.background is True, but the exports have no URLs."
    assert check(settings, path("makers/", list_class.as_view(background=True)), EXPORTS) == []


def test_an_admin_is_checked_as_a_view(settings):
    attributes = {"background": True, "list_display": ["name"]}
    site = admin.AdminSite()
    site.register(Maker, type("MakerAdmin", (ReportAdminMixin, admin.ModelAdmin), attributes))
    try:
        (missing,) = check(settings, path("admin/", site.urls))
        assert missing.msg == "MakerAdmin.background is True, but the exports have no URLs."
        assert check(settings, path("admin/", site.urls), EXPORTS) == []
    finally:
        all_sites.discard(site)  # No other test shall check it.


@pytest.mark.parametrize("app", ["streamreports.exports", "django.contrib.auth"])
def test_an_app_that_is_not_installed_is_said(settings, monkeypatch, app):
    monkeypatch.setattr(
        "streamreports.checks.background.apps.is_installed", lambda name: name != app
    )
    assert error(
        f"CargoView.background is True, but {app!r} is not installed.",
        f"Add {app!r} to INSTALLED_APPS, or remove background.",
    ) in check_with_exports(settings, background=True)
