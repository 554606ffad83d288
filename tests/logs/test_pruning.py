"""Old entries are deleted."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from streamreports.logs.models import ReportLog

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _entries():
    """Have entries of 0, 10 and 20 days ago."""
    for days in (0, 10, 20):
        finished = timezone.now() - timedelta(days=days)
        ReportLog.objects.create(
            title=f"{days}", started=finished, finished=finished, seconds=0, rows=0, bytes=0
        )


def prune(*arguments, **options):
    """Return what the command prints."""
    stdout = StringIO()
    call_command("prunereportlogs", *arguments, stdout=stdout, **options)
    return stdout.getvalue()


def titles(entries):
    return {entry.title for entry in entries}


@pytest.mark.parametrize(
    ("days", "old"),
    [(0, {"0", "10", "20"}), (9, {"10", "20"}), (11, {"20"}), (10.5, {"20"}), (30, set())],
)
def test_entries_are_older_than_some_days(days, old):
    assert titles(ReportLog.objects.older_than(days)) == old


def test_old_entries_are_deleted():
    assert prune("--days", "5") == "Deleted 2 entries.\n"
    assert titles(ReportLog.objects.all()) == {"0"}


def test_one_entry_is_deleted():
    assert prune("--days", "15") == "Deleted 1 entry.\n"


def test_nothing_is_printed_if_it_shall_be_quiet():
    assert prune("--days", "5", verbosity=0) == ""
    assert ReportLog.objects.count() == 1


def test_old_entries_are_deleted_by_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        prune("--days", "5")


def test_the_maximum_is_a_date():
    assert prune("--days", "100000") == "Deleted 0 entries.\n"


@pytest.mark.parametrize("days", ["-1", "x", "1.5", "", "100001", "9" * 5000])
def test_what_is_no_number_of_days_is_rejected(days):
    with pytest.raises(CommandError, match=r"argument --days: .* is not a number of days\."):
        prune(f"--days={days}")
    assert ReportLog.objects.count() == 3


def test_the_number_of_days_is_required():
    with pytest.raises(CommandError, match="the following arguments are required: --days"):
        prune()
