"""The view that exports a changelist: its file, its formats and its URL."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connections
from django.urls import path, resolve, reverse

from streamreports.admin import ReportAdminMixin
from streamreports.admin.views import ChangeListReportView
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from tests.models import Maker
from tests.views import make, save


class TabFormat(CsvFormat):
    name = "tabs"
    extension = "tsv"
    delimiter = "\t"


def test_the_bytes_of_a_file(make_pages):
    save("Ann", "Größe, Ü", size=1)
    pages = make_pages(Maker, list_display=["name", "size"], ordering=["pk"])
    response = pages.report()
    expected = 'Name,Size\r\nAnn,Small works\r\n"Größe, Ü",Small works\r\n'
    assert b"".join(response) == expected.encode()


def test_the_headers_of_a_file(make_pages):
    headers = make_pages(Maker).report().headers
    assert headers["Content-Disposition"] == 'attachment; filename="makers.csv"'
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert set(headers["Cache-Control"].split(", ")) >= {"private", "no-store", "max-age=0"}


def test_the_url_stands_below_the_changelist(make_pages):
    pages = make_pages(Maker)
    assert reverse("admin:tests_maker_report") == "/admin/tests/maker/report/"
    assert pages.client.get("/admin/tests/maker/report/").status_code == 200


def test_an_object_called_report_can_be_changed(make_pages):
    pages = make_pages(Maker)
    assert resolve("/admin/tests/maker/report/change/").url_name == "tests_maker_change"
    assert pages.client.get("/admin/tests/maker/report/change/").status_code == 302  # Not found.


def test_the_view_class_has_the_name_of_the_admin(make_pages, finished):
    make_pages(Maker).lines()
    (sent,) = finished
    assert sent["sender"].__qualname__ == "MakerAdminReportView"
    assert issubclass(sent["sender"], ChangeListReportView)


def test_the_view_class_may_be_a_subclass(make_pages):
    class View(ChangeListReportView):
        filename = "all makers.csv"
        columns_param = "columns"
        selectable_columns = True

    save("Ann", size=1)
    pages = make_pages(Maker, report_view_class=View, list_display=["name", "size"])
    response = pages.report("?columns=size&size__exact=1")
    assert response.headers["Content-Disposition"] == 'attachment; filename="all makers.csv"'
    assert b"".join(response) == b"Size\r\nSmall works\r\n"


def test_the_title_is_that_of_the_changelist(make_pages):
    view_class = make_pages(Maker).model_admin.report_view
    assert view_class().get_title() == "Makers"
    assert view_class(title="All makers").get_title() == "All makers"


# Formats


def test_a_format_is_chosen_by_its_name(make_pages):
    save("Ann", size=1)
    pages = make_pages(
        Maker, list_display=["name", "size"], report_formats=[CsvFormat, TabFormat, ExcelCsvFormat]
    )
    response = pages.report("?format=tabs&size__exact=1")
    assert response.headers["Content-Disposition"] == 'attachment; filename="makers.tsv"'
    assert b"".join(response) == b"Name\tSize\r\nAnn\tSmall works\r\n"


def test_the_first_format_is_the_default(make_pages):
    pages = make_pages(Maker, list_display=["name", "size"], report_formats=[TabFormat, CsvFormat])
    assert pages.lines() == ["Name\tSize"]


def test_an_unknown_format_is_rejected(make_pages):
    response = make_pages(Maker).report("?format=xls")
    assert response.status_code == 400
    assert response.content.decode().startswith("format: “xls” is unknown.")


def test_the_parameter_gives_way_to_a_field_of_its_name(make_pages):
    class View(ChangeListReportView):
        format_param = "size"

    save("Ann", size=1)
    save("Bob", size=2)
    pages = make_pages(
        Maker,
        list_display=["name", "size"],
        report_formats=[CsvFormat, TabFormat],
        report_view_class=View,
    )
    assert pages.lines("?size=2&_size=tabs") == ["Name\tSize", "Bob\tLarge works"]
    assert 'href="/admin/tests/maker/report/?_size=tabs"' in pages.changelist().content.decode()


# ATOMIC_REQUESTS


@pytest.fixture
def _atomic_requests(monkeypatch):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_atomic_requests")
def test_the_report_is_exempt_from_atomic_requests(make_pages):
    make(2000)
    pages = make_pages(Maker, list_display=["name", "size"])
    assert len(pages.lines()) == 2001
    assert LogEntry.objects.get().change_message == "Exported 2000 rows."


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_atomic_requests")
def test_a_site_that_wraps_views_without_their_attributes_is_exempt_too(settings, admin_client):
    class Site(admin.AdminSite):
        def admin_view(self, view, cacheable=False):
            inner = super().admin_view(view, cacheable)
            return lambda request, *args, **kwargs: inner(request, *args, **kwargs)

    site = Site()
    site.register(Maker, type("MakerAdmin", (ReportAdminMixin, admin.ModelAdmin), {}))
    settings.ROOT_URLCONF = (path("admin/", site.urls),)
    make(2000)
    response = admin_client.get("/admin/tests/maker/report/")
    assert b"".join(response).count(b"\r\n") == 2001
