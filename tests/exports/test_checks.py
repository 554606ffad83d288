"""What the system checks say of the runner and the database of exports."""

import pytest
from django.core.checks import run_checks
from django.db import connections

from streamreports.exports.checks import (
    check_core,
    check_owner,
    check_request,
    check_runner,
    check_sqlite,
)
from streamreports.exports.models import Export
from tests.exports.smtp import send_through


class Runner:
    def submit(self, export_id):
        pass


JSON = "json"


def send(request, export):
    pass


def send_without_export(request):
    pass


async def send_async(request, export):
    pass


def test_no_runner_is_needed():
    assert check_runner(None) == []


def test_a_runner_may_be_named(settings):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": f"{__name__}.Runner"}
    assert check_runner(None) == []


def test_a_runner_that_does_not_exist_is_an_error(settings):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": "tests.exports.nowhere.Runner"}
    (error,) = check_runner(None)
    assert error.msg == (
        "The runner of exports cannot be used: ModuleNotFoundError: No module named"
        " 'tests.exports.nowhere'"
    )
    assert (error.id, "EXPORT_RUNNER" in error.hint) == ("streamreports.E022", True)


def test_the_core_is_installed(settings):
    assert check_core(None) == []
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "streamreports"]
    (error,) = check_core(None)
    assert (error.id, error.hint) == (
        "streamreports.E028",
        "Add 'streamreports' to INSTALLED_APPS.",
    )


class Elsewhere:
    """A router that has the exports in another database than the users."""

    def db_for_write(self, model, **hints):
        return "archive" if model is Export else None


def test_exports_are_in_the_database_of_the_users(settings):
    assert check_owner(None) == []
    settings.DATABASE_ROUTERS = [f"{__name__}.Elsewhere"]
    (error,) = check_owner(None)
    assert error.id == "streamreports.E027"
    assert (
        error.hint == "Configure the database router to write streamreports_exports to 'default'."
    )


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (f"{__name__}.nothing", f'ImportError: Module "{__name__}" does not define a'),
        (f"{__name__}.send_async", f"TypeError: {__name__}.send_async is asynchronous."),
        (f"{__name__}.send_without_export", "TypeError: too many positional arguments"),
        (f"{__name__}.JSON", "TypeError: 'json' is not a callable object"),
    ],
)
def test_the_function_that_sends_requests_must_be_one(settings, name, problem):
    settings.STREAMREPORTS = {"EXPORT_REQUEST": name}
    (error,) = check_request()
    assert error.id == "streamreports.E030"
    start = "The function that sends the requests of exports cannot be used: "
    assert error.msg.startswith(start + problem)


def test_a_function_may_send_requests(settings):
    settings.STREAMREPORTS = {"EXPORT_REQUEST": f"{__name__}.send"}
    assert check_request() == []


@pytest.fixture
def file_of_sqlite(tmp_path, monkeypatch):
    """Return the function that makes a file of SQLite the database of exports."""

    def use(**options):
        database = {
            **connections.settings["default"],
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": tmp_path / "site.sqlite3",
            "OPTIONS": options,
        }
        monkeypatch.setitem(connections.settings, "file", database)
        monkeypatch.setattr("streamreports.exports.checks.router.db_for_write", lambda _: "file")

    yield use
    if "file" in connections.settings:
        connections["file"].close()
        del connections["file"]


@pytest.mark.parametrize("mode", ["delete", "truncate", "persist", "off"])
def test_sqlite_needs_a_write_ahead_log(file_of_sqlite, django_db_blocker, mode):
    file_of_sqlite(init_command=f"PRAGMA journal_mode={mode}")
    with django_db_blocker.unblock():
        (error,) = check_sqlite(None, databases=["file"])
    assert error.id == "streamreports.E023"
    assert error.hint == (
        "Add to DATABASES['file']['OPTIONS']: 'init_command': 'PRAGMA journal_mode=WAL'."
    )


def test_sqlite_with_a_write_ahead_log_is_accepted(file_of_sqlite, django_db_blocker):
    file_of_sqlite(init_command="PRAGMA journal_mode=WAL")
    with django_db_blocker.unblock():
        assert check_sqlite(None, databases=["file"]) == []


def test_the_database_is_looked_at_only_if_that_is_asked_for(file_of_sqlite):
    file_of_sqlite()
    assert check_sqlite(None, databases=None) == []


def test_the_checks_are_registered(settings, db):
    settings.STORAGES = {}
    settings.STREAMREPORTS = {
        "EXPORT_RUNNER": "tests.exports.nowhere.Runner",
        "EXPORT_REQUEST": "tests.exports.nowhere.send",
        "EXPORT_SEND_MAIL": True,
    }
    send_through(settings, 25, timeout=None)
    found = {message.id for message in run_checks()}
    assert {f"streamreports.{each}" for each in ("E020", "E022", "E030", "W021")} <= found
