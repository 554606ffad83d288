from datetime import timedelta

import pytest
from django.core.checks import run_checks

from streamreports.conf import Settings, get_settings
from streamreports.exceptions import ReportError


def test_the_settings_have_defaults():
    assert get_settings() == Settings()


def test_the_project_overrides_settings(settings):
    settings.STREAMREPORTS = {"EXPORT_LEASE": 5}
    assert get_settings() == Settings(export_lease=5)


def test_an_unknown_key_is_an_error_that_suggests_a_similar_one(settings):
    settings.STREAMREPORTS = {"EXPORT_LEAS": 5}
    with pytest.raises(
        ReportError, match=r"unknown key, 'EXPORT_LEAS'\. Did you mean 'EXPORT_LEASE'"
    ):
        get_settings()


def test_an_unknown_key_is_an_error_that_lists_the_keys(settings):
    settings.STREAMREPORTS = {5: 5}
    with pytest.raises(ReportError, match="The keys are LOG_REPORTS, "):
        get_settings()


def test_settings_that_are_no_dictionary_are_an_error(settings):
    settings.STREAMREPORTS = ["EXPORT_LEASE"]
    with pytest.raises(ReportError, match="Define it as a dictionary"):
        get_settings()


@pytest.mark.parametrize(
    ("key", "value", "cure"),
    [
        ("EXPORT_LEASE", "60", "a number of seconds greater than 0"),
        ("EXPORT_LEASE", 0, "a number of seconds greater than 0"),
        ("EXPORT_LEASE", True, "a number of seconds greater than 0"),
        ("EXPORT_EXPIRY", timedelta(days=1), "a number of seconds greater than 0"),
        ("EXPORT_EXPIRY", float("inf"), "a number of seconds greater than 0"),
        ("EXPORT_EXPIRY", None, "a number of seconds greater than 0"),
        ("EXPORT_LINK_EXPIRY", "1", "a number of seconds greater than 0, or None"),
        ("EXPORT_ATTEMPTS", 0, "a whole number, 1 or greater"),
        ("EXPORT_MAX_ACTIVE", 2.5, "a whole number, 0 or greater"),
        ("EXPORT_MAX_KEPT_TOTAL", -1, "a whole number, 0 or greater, or None"),
        ("EXPORT_RUNNER", 5, "a string, or None"),
        ("EXPORT_SENDFILE_PREFIX", None, "a string"),
        ("LOG_REPORTS", "yes", "True or False"),
        ("EXPORT_SEND_MAIL", 1, "True or False"),
    ],
)
def test_a_value_of_another_type_is_an_error(settings, key, value, cure):
    settings.STREAMREPORTS = {key: value}
    with pytest.raises(ReportError) as caught:
        get_settings()
    assert caught.value.problem == f"STREAMREPORTS[{key!r}] is {value!r}."
    assert caught.value.hint == f"Set it to {cure}."
    (error,) = [each for each in run_checks() if each.id == "streamreports.E015"]
    assert (error.msg, error.hint) == (caught.value.problem, caught.value.hint)


def test_values_of_the_right_type_are_accepted(settings):
    settings.STREAMREPORTS = {
        "EXPORT_LEASE": 0.5,
        "EXPORT_LINK_EXPIRY": None,
        "EXPORT_MAX_ACTIVE": 0,
        "EXPORT_MAX_ACTIVE_TOTAL": None,
        "EXPORT_SENDFILE": "X-Sendfile",
    }
    assert get_settings().export_lease == 0.5
