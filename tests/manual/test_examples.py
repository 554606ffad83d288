"""The examples of README, the index and the guides that need no project of their own."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.apps import AppConfig
from django.contrib.auth.mixins import UserPassesTestMixin
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.template import engines
from django.test import RequestFactory
from django.urls import path
from django.utils.module_loading import import_string

from demo_project.cargo.factories import CargoFactory, CarrierFactory, TagFactory
from demo_project.cargo.models import Cargo
from streamreports.background import mark_export
from streamreports.conf import get_settings
from streamreports.exports.models import Export
from streamreports.logs.models import ReportLog
from streamreports.pages import ReportView
from tests.manual.pages import blocks

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "sqlite", reason="The files are those of the demo on SQLite."
    ),
]


@pytest.fixture
def cargo():
    made = CargoFactory(
        pk=1,
        commodity="Tea",
        weight="1200.5",
        price="4.25",
        status=Cargo.Status.HELD,
        picked_up_at=datetime(2026, 3, 14, 9, 30, tzinfo=UTC),
        carrier=CarrierFactory(name="Nordstern"),
    )
    made.tags.set([TagFactory(name="fragile"), TagFactory(name="insured")])
    return made


def run(page, number=0, **names):
    """Return what a block of Python defines."""
    exec(compile(blocks(page)[number], page, "exec"), names)
    return names


def rows(view, user):
    request = RequestFactory().get("/cargo.csv")
    request.user = user
    return b"".join(view.as_view()(request)).decode().splitlines()


def test_the_view_of_the_readme_is_a_file(cargo):
    view = run("../README.md", Cargo=Cargo)["CargoCsvView"]
    assert rows(view, User(username="ana")) == [
        "ID,Commodity,Carrier name,Status,Weight (kg),Value,Tags",
        "1,Tea,Nordstern,Held by customs,1200.500,5102.125,fragile; insured",
    ]


def test_the_view_of_the_readme_asks_anonymous_users_to_log_in():
    request = RequestFactory().get("/cargo.csv")
    request.user = AnonymousUser()
    assert run("../README.md", Cargo=Cargo)["CargoCsvView"].as_view()(request).status_code == 302


def test_the_test_of_the_readme_passes(settings, admin_client):
    view = run("../README.md", Cargo=Cargo)["CargoCsvView"]
    settings.ROOT_URLCONF = (path("cargo.csv", view.as_view()),)
    test = run("../README.md", 1, CargoFactory=CargoFactory)["test_cargo_csv_has_the_carrier"]
    test(admin_client)


def test_the_view_of_the_index_is_a_file(cargo):
    view = run("index.md", Cargo=Cargo)["CargoCsvView"]
    assert rows(view, None) == ["ID,Commodity,Carrier name,Weight (kg)", "1,Tea,Nordstern,1200.500"]


# Settings


def test_the_apps_of_the_guide_to_logs_exist():
    *_, app, logs = run("how-to/logs.md")["INSTALLED_APPS"]
    assert [AppConfig.create(name).label for name in (app, logs)] == [
        "streamreports",
        "streamreports_logs",
    ]


def test_the_setting_of_the_guide_to_logs_records_a_report(cargo, settings):
    view = run("index.md", Cargo=Cargo)["CargoCsvView"]
    settings.STREAMREPORTS = run("how-to/logs.md")["STREAMREPORTS"]
    request = RequestFactory().get("/cargo.csv")
    request.user = User.objects.create_user("ana")
    response = view.as_view()(request)
    b"".join(response)
    response.close()
    assert [(entry.username, entry.rows) for entry in ReportLog.objects.all()] == [("ana", 1)]


def test_the_setting_of_the_guide_to_downloads_names_a_header(settings):
    settings.STREAMREPORTS = run("how-to/downloads.md")["STREAMREPORTS"]
    assert get_settings().export_sendfile == "X-Accel-Redirect"


def test_the_setting_of_the_guide_to_tenants_names_the_function_of_its_block(settings):
    settings.STREAMREPORTS = run("how-to/tenants.md", 2)["STREAMREPORTS"]
    module = blocks("how-to/tenants.md")[1].partition("\n")[0]
    assert module == "# project/exports.py"
    assert get_settings().export_request == "project.exports.send_export"


def test_the_storage_of_the_reference_is_private(tmp_path):
    storages = run("reference/exports.md", BASE_DIR=tmp_path, STORAGES={})["STORAGES"]
    entry = storages["streamreports"]
    storage = import_string(entry["BACKEND"])(**entry["OPTIONS"])
    assert storage.location == str(tmp_path / "exports")


# Templates


def test_the_template_of_the_guide_to_exports_has_a_button_for_each_format():
    [template] = blocks("how-to/background.md", "html")
    formats = [{"label": "CSV", "url": "/cargo/?format=csv"}, {"label": "Excel", "url": "/x"}]
    context = {"report_formats": formats, "report_background_url": "/exports/"}
    render = engines["django"].from_string(template).render
    page = render(context, RequestFactory().get("/"))
    assert '<form class="report-background" method="post" action="/exports/">' in page
    assert '<option value="/cargo/?format=csv">CSV</option>' in page
    assert render({**context, "report_background_url": None}).strip() == ""


# A second factor


@pytest.fixture
def second_factor():
    """The view of the guide, on the demo's cargoes."""
    names = run("how-to/tenants.md", UserPassesTestMixin=UserPassesTestMixin, ReportView=ReportView)
    return type(
        "CargoView",
        (names["VerifiedReportView"],),
        {"model": Cargo, "columns": ["id"], "raise_exception": True},
    ).as_view()


def request_of(*, is_verified):
    request = RequestFactory().get("/cargo/?format=csv")
    request.user = SimpleNamespace(is_authenticated=True, is_verified=lambda: is_verified)
    return request


def test_a_user_without_the_second_factor_is_rejected(second_factor):
    with pytest.raises(PermissionDenied):
        second_factor(request_of(is_verified=False))


def test_a_user_with_the_second_factor_gets_the_file(second_factor, cargo):
    assert b"".join(second_factor(request_of(is_verified=True))) == b"ID\r\n1\r\n"


def test_the_worker_gets_the_file_without_the_second_factor(second_factor, cargo):
    request = request_of(is_verified=False)
    mark_export(request, Export())
    assert b"".join(second_factor(request)) == b"ID\r\n1\r\n"
