"""What the system checks say of the settings."""

from django.core.checks import Error

from streamreports.checks import check_logs


def test_an_app_that_is_installed_is_no_error():
    assert check_logs() == []


def test_an_app_that_is_missing_is_an_error(settings):
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if not app.endswith("logs")]
    assert check_logs() == [
        Error(
            "STREAMREPORTS['LOG_REPORTS'] is True, but the app that records reports is not"
            " installed.",
            hint="Add 'streamreports.logs' to INSTALLED_APPS, and run migrate.",
            id="streamreports.E016",
        )
    ]


def test_an_app_that_is_not_needed_may_be_missing(settings):
    settings.STREAMREPORTS = {}
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if not app.endswith("logs")]
    assert check_logs() == []


def test_settings_that_are_invalid_are_an_error(settings):
    settings.STREAMREPORTS = {"LOG_REPORT": True}
    assert check_logs() == [
        Error(
            "STREAMREPORTS has an unknown key, 'LOG_REPORT'.",
            hint="Did you mean 'LOG_REPORTS'?",
            id="streamreports.E015",
        )
    ]


def test_an_app_label_may_name_its_configuration(settings):
    apps = [app for app in settings.INSTALLED_APPS if not app.endswith("logs")]
    settings.INSTALLED_APPS = [*apps, "streamreports.logs.apps.LogsConfig"]
    assert check_logs() == []
