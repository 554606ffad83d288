"""The command of the exports."""

from io import StringIO

import pytest
from django.core.checks import Error, Tags, register
from django.core.checks.registry import registry
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from streamreports.exports.clock import in_seconds
from streamreports.exports.models import Export
from tests.exports.support import create, reloaded

pytestmark = pytest.mark.django_db


def said(*arguments):
    """Return what the command prints."""
    output = StringIO()
    call_command("exports", *arguments, stdout=output)
    return output.getvalue()


def test_the_exports_that_wait_are_made(site):
    export = create()
    line = said("run", "--once")
    assert reloaded(export).state == "done"
    assert line.endswith(f" {export.pk} done 0 rows 11 bytes ana Makers\n")


def test_the_exports_of_all_users_are_listed(site):
    exports = [create(owner="ana"), create(owner="bea")]
    lines = [line.split() for line in said("list").splitlines()]
    assert [line[2] for line in lines] == [str(export.pk) for export in exports[::-1]]
    assert [line[-2] for line in lines] == ["bea", "ana"]


def test_what_is_no_longer_needed_is_deleted(site):
    create()
    said("run", "--once")
    Export.objects.update(expires=in_seconds(-1))
    assert said("prune") == "Deleted 1 expired files, 0 exports and 0 orphaned files.\n"
    assert site.listdir("")[1] == []


def test_old_exports_are_deleted(site, settings):
    export = create()
    export.cancel()
    settings.STREAMREPORTS = {"EXPORT_EXPIRY": 60}
    Export.objects.update(finished=in_seconds(-61))
    assert said("prune") == "Deleted 0 expired files, 1 exports and 0 orphaned files.\n"


def test_a_subcommand_is_required():
    with pytest.raises(CommandError):
        call_command("exports")


def test_a_missing_table_is_named(site, monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", list)
    with pytest.raises(CommandError) as raised:
        said("run", "--once")
    assert str(raised.value) == "The table of exports is missing. Run “manage.py migrate” first."


@pytest.mark.parametrize("seconds", ["0", "-1"])
def test_a_worker_does_not_look_all_the_time(site, seconds):
    with pytest.raises(CommandError, match="--poll must be greater than 0"):
        said("run", "--once", "--poll", seconds)


def test_a_worker_checks_its_database(site, monkeypatch):
    problem = Error("No log.", id="streamreports.E023")
    monkeypatch.setattr(registry, "registered_checks", set())
    register(lambda app_configs, databases, **kwargs: [problem] * len(databases), Tags.database)
    with pytest.raises(SystemCheckError, match="E023"):
        said("run", "--once")
