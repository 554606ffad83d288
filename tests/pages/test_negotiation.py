"""The page and the file are at one URL."""

import pytest

from tests.models import Maker

pytestmark = [pytest.mark.urls("tests.pages.urls"), pytest.mark.django_db]

HTML, CSV = "text/html; charset=utf-8", "text/csv; charset=utf-8"


def content_type(client, url, **headers):
    return client.get(url, headers=headers).headers["Content-Type"]


@pytest.mark.parametrize(
    "accept", ["text/html", "text/*", "*/*", "text/csv, text/html;q=0.5", " ", ""]
)
def test_a_client_that_takes_html_gets_the_page(client, accept):
    assert content_type(client, "/plain/", accept=accept) == HTML


def test_a_client_that_says_nothing_gets_the_page(client):
    assert content_type(client, "/plain/") == HTML


@pytest.mark.parametrize("accept", ["text/csv", "application/json, text/csv;q=0.1"])
def test_a_client_that_takes_no_html_gets_the_file(client, accept):
    assert content_type(client, "/plain/", accept=accept) == CSV


def test_a_client_that_takes_neither_is_told_what_there_is(client):
    response = client.get("/formats/", headers={"accept": "image/png"})
    assert response.status_code == 406
    assert response.text == "This report is available as text/html, text/csv.\n"


def test_a_format_in_the_query_string_gets_the_file(client):
    assert content_type(client, "/plain/?format=csv", accept="text/html") == CSV


def test_a_blank_format_gets_the_page(client):
    response = client.get("/plain/?format=")
    assert (response.status_code, response.url) == (302, "/plain/")


def test_an_unknown_format_is_invalid(client):
    response = client.get("/plain/?format=pdf", headers={"accept": "text/plain"})
    assert response.status_code == 400
    assert response.text == "format: “pdf” is unknown. Choose from: csv.\n"


@pytest.mark.parametrize("url", ["/plain/", "/plain/?format=csv", "/plain/?columns="])
def test_responses_vary_with_the_accept_header(client, url):
    assert "Accept" in client.get(url).headers["Vary"]


def test_the_file_has_the_rows_that_the_query_string_selects(client):
    Maker.objects.create(name="Anna", size=1)
    Maker.objects.create(name="Berta", size=2)
    response = client.get("/makers/?size=2&columns=size,name&format=csv")
    assert response.getvalue() == b"Size,Full name\r\n2,Berta\r\n"


def test_the_first_of_several_formats_is_sent_to_a_client_that_takes_it(client):
    Maker.objects.create(name="Anna")
    response = client.get("/formats/", headers={"accept": "text/csv"})
    assert response.getvalue() == b"Name,Size\r\nAnna,\r\n"


def test_post_is_not_allowed(client):
    assert client.post("/plain/").status_code == 405


def test_the_page_is_not_cached(client):
    assert client.get("/plain/").headers["Cache-Control"] == "private, no-store"


# HEAD


def test_a_head_request_of_the_page_runs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.head("/makers/?name=a")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Type"] == HTML


def test_a_head_request_with_invalid_parameters_is_answered_as_get(client):
    assert client.head("/makers/?size=9").status_code == 400


def test_a_head_request_of_the_file_has_its_headers(client):
    assert client.head("/plain/?format=csv").headers["Content-Type"] == CSV
