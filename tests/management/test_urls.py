"""How a view is found, and what is said if there is none."""

import pytest
from django.http import HttpResponse
from django.urls import clear_script_prefix, path, set_script_prefix

from streamreports.management.urls import Target, find_target
from tests.management.support import refusal


def view(request, **kwargs):
    return HttpResponse()


@pytest.fixture(autouse=True)
def _urls(settings):
    settings.ALLOWED_HOSTS = ["example.com"]
    settings.ROOT_URLCONF = (
        path("reports/cargo.csv", view, name="cargo"),
        path("reports/<int:year>.csv", view, name="year"),
    )


@pytest.fixture
def _script_prefix():
    set_script_prefix("/app/")
    yield
    clear_script_prefix()


@pytest.mark.parametrize(
    ("given", "path", "query"),
    [
        ("/reports/cargo.csv", "/reports/cargo.csv", ""),
        ("/reports/cargo.csv?a=1&b=%20#top", "/reports/cargo.csv", "a=1&b=%20"),
        ("cargo", "/reports/cargo.csv", ""),
        ("cargo?a=1?b", "/reports/cargo.csv", "a=1?b"),
        ("/100%25/", "/100%/", ""),
    ],
)
def test_a_path_or_a_name_may_have_a_query_string(given, path, query):
    assert find_target(given) == Target(path, query, "example.com", "http")


def test_an_address_has_a_host_and_a_scheme():
    target = find_target("https://reports.example.com:8000/a?b=c")
    assert target == Target("/a", "b=c", "reports.example.com:8000", "https")


@pytest.mark.parametrize(
    ("allowed", "host"),
    [([], "localhost"), (["*"], "localhost"), (["*", ".a.com"], "a.com"), (["[::1]"], "[::1]")],
)
def test_the_host_is_the_first_that_is_allowed(settings, allowed, host):
    settings.ALLOWED_HOSTS = allowed
    assert find_target("cargo").host == host


@pytest.mark.usefixtures("_script_prefix")
@pytest.mark.parametrize("given", ["cargo", "/app/reports/cargo.csv", "/reports/cargo.csv"])
def test_a_path_may_have_the_script_prefix(given):
    assert find_target(given).path == "/reports/cargo.csv"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("crago", "No URL is called crago. Did you mean cargo?"),
        ("", "No URL is called . manage.py listreports lists the reports."),
        ("a:b", "No URL is called a:b. manage.py listreports lists the reports."),
        ("cargo.csv", "No URL is called cargo.csv. Did you mean cargo?"),
        ("year", "The URL year needs arguments. Use its path instead: /reports/<int:year>.csv"),
        (
            "/reports/cargo.cvs",
            "No URL matches /reports/cargo.cvs. Did you mean /reports/cargo.csv?",
        ),
        ("/", "No URL matches /. manage.py listreports lists the reports."),
    ],
)
def test_a_url_that_does_not_exist_is_said(given, message):
    assert refusal(given) == message


@pytest.mark.usefixtures("_script_prefix")
def test_a_path_that_does_not_exist_is_said_with_the_script_prefix():
    assert refusal("/app/reports/cargo") == (
        "No URL matches /app/reports/cargo. Did you mean /app/reports/cargo.csv?"
    )


def test_a_language_that_does_not_exist_is_bad_usage():
    assert refusal("cargo", "--locale", "xx", status=2) == "xx is not in LANGUAGES."


@pytest.mark.parametrize("given", ["a", "=1", ""])
def test_a_parameter_without_a_value_is_bad_usage(given):
    message = f"--param takes KEY=VALUE, not {given}."
    assert refusal("cargo", "--param", given, status=2) == message
