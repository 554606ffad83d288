"""The response to a request with invalid parameters."""

import json

import pytest
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from streamreports.problems import (
    reject_parameters,
    reject_too_many_rows,
    reject_too_many_streams,
)

ERRORS = {"size": ["Enter a number."], NON_FIELD_ERRORS: ["Choose a name."]}


def reject(rf, accept, errors=ERRORS):
    headers = {} if accept is None else {"Accept": accept}
    return reject_parameters(rf.get("/", headers=headers), errors)


@pytest.mark.parametrize("accept", [None, "*/*", "text/plain", "text/csv, */*;q=0.1"])
def test_a_shell_gets_plain_text(rf, accept):
    response = reject(rf, accept)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == "size: Enter a number.\nChoose a name.\n"


@pytest.mark.parametrize("accept", ["application/json", "application/problem+json"])
def test_a_program_gets_problem_details(rf, accept):
    response = reject(rf, accept)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert json.loads(response.content) == {
        "type": "about:blank",
        "title": "Invalid parameters",
        "status": 400,
        "detail": "size: Enter a number. Choose a name.",
        "errors": [
            {"parameter": "size", "detail": "Enter a number."},
            {"detail": "Choose a name."},
        ],
    }


def test_a_browser_gets_a_page(rf):
    response = reject(rf, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>Invalid parameters</h1>" in response.content.decode()
    assert "<p>size: Enter a number.</p><p>Choose a name.</p>" in response.content.decode()


def test_the_page_leads_to_the_report_without_parameters(rf):
    link = '<p><a href="?">Show the whole report</a></p>'
    assert link in reject(rf, "text/html").content.decode()
    other = reject_too_many_rows(rf.get("/", headers={"Accept": "text/html"}), 1)
    assert "href" not in other.content.decode()


def test_the_page_suits_small_and_dark_screens(rf):
    content = reject(rf, "text/html").content.decode()
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in content
    assert '<meta name="color-scheme" content="light dark">' in content


def test_the_page_has_the_active_language(rf):
    with translation.override("de"):
        assert b'<html lang="de">' in reject(rf, "text/html").content


@pytest.mark.parametrize("accept", [None, "text/html", "application/json", "image/png"])
def test_no_client_guesses_or_keeps_the_response(rf, accept):
    response = reject(rf, accept)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Vary"] == "Accept"


@given(st.text(max_size=20), st.text(max_size=20))
def test_the_page_escapes_names_and_messages(name, message):
    from django.test import RequestFactory

    content = reject(RequestFactory(), "text/html", {name: [message]}).content.decode()
    body = content.partition("</h1><p>")[2].partition("</p>")[0]
    assert "<" not in body
    assert ">" not in body


def test_markup_in_a_page_is_escaped(rf):
    content = reject(rf, "text/html", {"<script>": ["“<b>”"]}).content.decode()
    assert "<p>&lt;script&gt;: “&lt;b&gt;”</p>" in content


def test_too_many_rows_are_a_problem_as_well(rf):
    response = reject_too_many_rows(rf.get("/", headers={"Accept": "application/json"}), 1)
    assert response.status_code == 413
    assert json.loads(response.content) == {
        "type": "about:blank",
        "title": "Too many rows",
        "status": 413,
        "detail": "This report is limited to 1 row. Use filters to select fewer rows, or download"
        " it in parts.",
        "errors": [
            {
                "detail": "This report is limited to 1 row. Use filters to select fewer rows, or"
                " download it in parts."
            }
        ],
    }


def test_too_many_streams_say_when_to_try_again(rf):
    response = reject_too_many_streams(rf.get("/", headers={"Accept": "text/html"}), 7)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "7")
    assert b"<p>Too many reports are being downloaded. Try again later.</p>" in response.content
