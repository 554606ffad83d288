"""The background, as pages of reports and responses to large requests offer it."""

import pytest

from streamreports.exports.models import Export
from streamreports.exports.running import run_export
from tests.exports.support import HTML, MakersView, create, get_page, reloaded, user_called
from tests.pages.html import parse
from tests.views import make

pytestmark = pytest.mark.django_db


# The button on the page of a report


def test_a_report_is_prepared_from_its_page(ana):
    make(1)
    form = get_page(ana, "/page/").one("form", class_="report-background")
    assert form["action"] == "/exports/"
    report = form.one("input", name="report")["value"]
    assert report == "/page/?format=csv"
    response = ana.post("/exports/", {"report": report}, headers=HTML)
    export = Export.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"/exports/{export.pk}/")
    assert (export.path, export.query_string) == ("/page/", "format=csv")


def test_the_button_needs_its_token(site, client):
    client.handler.enforce_csrf_checks = True
    client.force_login(user_called("ana"))
    assert client.post("/exports/", {"report": "/page/?format=csv"}).status_code == 403


def test_anonymous_users_have_no_button(site, client):
    assert not get_page(client, "/page/").all("form", class_="report-background")


def test_a_project_without_urls_of_exports_has_no_button(ana, settings):
    settings.ROOT_URLCONF = "tests.exports.no_urls"
    assert not get_page(ana, "/page/").all("form", class_="report-background")


# Reports that are too large for a response


@pytest.fixture
def limited(monkeypatch):
    monkeypatch.setattr(MakersView, "background_above", 2)
    make(3)


@pytest.mark.usefixtures("limited")
def test_a_large_report_offers_the_background(ana):
    response = ana.get("/makers/?", headers=HTML)
    assert response.status_code == 413
    page = parse(response)
    assert "This report has more than 2 rows." in page.text
    form = page.one("form", class_="report-background")
    assert form.one("input", name="report")["value"] == "/makers/"
    assert form.one("input", name="csrfmiddlewaretoken")["value"]
    assert "no-store" in response.headers["Cache-Control"]
    assert "Accept" in response.headers["Vary"]


@pytest.mark.usefixtures("limited")
def test_programs_are_told_the_header(ana):
    response = ana.get("/makers/", headers={"accept": "application/json"})
    assert (response.status_code, response.json()["detail"]) == (
        413,
        "This report has more than 2 rows. Send the header “Prefer: respond-async” to have it"
        " prepared in the background.",
    )
    assert ana.get("/makers/", headers={"prefer": "respond-async"}).status_code == 202


@pytest.mark.usefixtures("limited")
def test_the_form_starts_the_export_of_a_large_report(ana):
    assert ana.post("/exports/", {"report": "/makers/"}, headers=HTML).status_code == 303
    assert Export.objects.get().path == "/makers/"


@pytest.mark.usefixtures("limited")
def test_the_export_of_a_large_report_is_made(site):
    export = create()
    assert run_export(export.pk)
    assert (reloaded(export).state, reloaded(export).rows) == ("done", 3)


@pytest.mark.usefixtures("limited")
def test_anonymous_users_may_log_in_for_a_large_report(site, client):
    page = parse(client.get("/makers/", headers=HTML))
    assert not page.all("form", class_="report-background")
    link = page.one("a", class_="report-button")
    assert (link["href"], link.text) == ("/log-in/?next=/makers/", "Log in")


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize(
    ("attribute", "value"), [("background_above", 3), ("background", False), ("max_rows", 2)]
)
def test_the_background_is_offered_only_if_it_helps(ana, monkeypatch, attribute, value):
    monkeypatch.setattr(MakersView, attribute, value)
    response = ana.get("/makers/", headers=HTML)
    if attribute == "max_rows":
        assert "This report is limited to 2 rows." in response.content.decode()
    else:
        assert response.status_code == 200


@pytest.mark.usefixtures("limited")
def test_head_counts_no_rows(ana, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert ana.head("/makers/").status_code == 200
