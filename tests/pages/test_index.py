"""The list of the reports that a user may see."""

import pytest
from django.contrib.auth.models import User
from django.test.utils import override_script_prefix

from tests.pages.html import parse

pytestmark = [pytest.mark.urls("tests.pages.index_urls"), pytest.mark.django_db]

PUBLIC = {
    "Makers": "/reports/plain/",
    "Makers in a file": "/reports/makers.csv",
    "Makers of 2026": "/reports/this-year/",
}


def listed(client, url="/", **headers):
    """Return the URLs of the listed reports by their titles."""
    page = parse(client.get(url, headers=headers))
    return {link.text: link["href"] for item in page.all("h2") for link in item.all("a")}


def log_in(client, **attributes):
    client.force_login(User.objects.create_user(**attributes))


def test_reports_without_arguments_are_listed(client):
    assert listed(client) == PUBLIC


def test_reports_are_in_the_order_of_the_urlconf(client):
    assert list(listed(client)) == list(PUBLIC)


def test_a_report_for_users_is_listed_for_users(client):
    log_in(client, username="reader")
    assert listed(client) == {**PUBLIC, "For readers": "/reports/private/"}


def test_a_report_that_raises_permission_denied_for_others_is_listed_for_staff(client):
    log_in(client, username="anna", is_staff=True)
    assert listed(client)["For staff"] == "/reports/staff/"


def test_an_asynchronous_decorator_decides(client):
    log_in(client, username="anna", is_staff=True)
    assert listed(client)["Asynchronous"] == "/reports/async/"


def test_decorators_in_the_urlconf_decide(client):
    log_in(client, username="root")
    assert listed(client)["For root"] == "/reports/decorated/"


def test_the_session_is_that_of_the_request(client):
    session = client.session
    session["may_see"] = True
    session.save()
    assert listed(client)["For this session"] == "/reports/session/"


@pytest.mark.parametrize("accept", ["text/html", "image/png"])
def test_a_client_that_accepts_no_format_of_a_report_sees_it(client, accept):
    assert listed(client, accept=accept) == PUBLIC


def test_a_report_that_fails_is_logged(client, caplog):
    listed(client)
    (record,) = [each for each in caplog.records if each.name == "streamreports"]
    assert record.getMessage() == ("The report at /reports/broken/ is not listed, since it failed.")


def test_the_reports_run_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        listed(client)


def test_a_report_has_its_description_and_kind(client):
    items = parse(client.get("/")).one("ul", class_="report-list").all("li")
    assert [item.text for item in items] == [
        "Makers Page",
        "Makers in a file One line a maker File",
        "Makers of 2026 Page",
    ]


def test_the_page_has_a_title(client):
    page = parse(client.get("/"))
    assert (page.one("title").text, page.one("h1").text) == ("Reports", "Reports")


def test_the_list_can_be_below_a_prefix(client, settings):
    settings.STATIC_URL = "/static/"  # Django would keep the prefix of the other one for good.
    with override_script_prefix("/site/"):
        urls = listed(client).values()
    assert list(urls) == [f"/site{url}" for url in PUBLIC.values()]


@pytest.mark.urls("tests.pages.urls")
def test_a_list_without_reports_says_so(rf):
    from tests.pages.views import Index

    class EmptyIndex(Index):
        def get_reports(self):
            return []

    response = EmptyIndex.as_view()(rf.get("/")).render()
    assert parse(response).one(class_="report-notice").text == "There are no reports for you."


@pytest.mark.urls("tests.pages.log_in_urls")
def test_an_anonymous_user_is_led_to_the_log_in_page(client, settings):
    settings.LOGIN_URL = "/accounts/login/"
    notice = parse(client.get("/reports/?a=b")).one(class_="report-notice")
    assert notice.text == "There are no reports for you. Log in"
    assert notice.one("a")["href"] == "/accounts/login/?next=/reports/%3Fa%3Db"


@pytest.mark.urls("tests.pages.log_in_urls")
def test_a_url_that_is_too_long_for_a_redirect_is_answered(client, settings):
    settings.LOGIN_URL = "/accounts/login/"
    notice = parse(client.get("/reports/", {"a": "b" * 20_000})).one(class_="report-notice")
    assert notice.all("a") == []


@pytest.mark.urls("tests.pages.log_in_urls")
def test_a_user_is_not_led_to_the_log_in_page(client):
    log_in(client, username="reader")
    assert parse(client.get("/reports/")).one(class_="report-notice").all("a") == []


@pytest.mark.urls("tests.pages.log_in_urls")
@pytest.mark.parametrize("url", ["/no/such/page/", "no-such-name"])
def test_no_one_is_led_to_a_missing_log_in_page(client, settings, url):
    settings.LOGIN_URL = url
    assert parse(client.get("/reports/")).one(class_="report-notice").all("a") == []


# Reports that the view adds


def test_reports_can_be_added(client):
    added = {title: url for title, url in listed(client, "/more/").items() if title not in PUBLIC}
    assert added == {
        "Makers of 2025": "/reports/2025/",
        "Large makers": "/reports/2026/?name=large",
        "Figures": "https://example.com/figures/",
    }
