"""Exports are put into the queue, also when it was down or has lost them."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from streamreports.exports.clock import in_seconds
from streamreports.exports.models import Export
from streamreports.exports.queueing import submit, submit_waiting
from tests.exports.support import create, reloaded

pytestmark = pytest.mark.django_db

SUBMITTED = []


class Queue:
    def submit(self, export_id):
        SUBMITTED.append(export_id)


class DownQueue:
    def submit(self, export_id):
        SUBMITTED.append(export_id)
        raise OSError("Connection refused")


@pytest.fixture(autouse=True)
def queue(settings):
    SUBMITTED.clear()
    settings.STREAMREPORTS = {"EXPORT_RUNNER": f"{__name__}.Queue"}


@pytest.fixture
def down(settings, queue):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": f"{__name__}.DownQueue"}


def running(*, submitted, expires):
    export = create(submitted=None)
    assert export.claim("worker", lease=60, attempts=3)
    times = {"submitted": in_seconds(submitted), "lease_expires": in_seconds(expires)}
    Export.objects.filter(pk=export.pk).update(**times)
    return export


def test_an_export_that_the_queue_takes_is_submitted():
    export = create(submitted=None)
    assert submit(export.pk) is True
    assert SUBMITTED == [export.pk]
    age = timezone.now() - reloaded(export).submitted
    assert timedelta(minutes=-1) < age < timedelta(minutes=1)
    assert submit_waiting() == (0, 0)


def test_an_export_that_the_queue_does_not_take_waits(down, caplog):
    export = create()
    assert submit(export.pk) is False
    assert (reloaded(export).state, reloaded(export).submitted) == ("queued", None)
    assert f"The export {export.pk} could not be submitted. It stays queued." in caplog.text
    assert "OSError: Connection refused" in caplog.text


def test_an_export_whose_runner_does_not_exist_waits(settings, caplog):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": "tests.exports.nowhere.Queue"}
    export = create()
    assert submit(export.pk) is False
    assert reloaded(export).submitted is None


def test_exports_that_the_queue_has_not_taken_are_submitted_again():
    exports = [create(owner=owner, submitted=None) for owner in ("ana", "bea")]
    assert submit_waiting() == (2, 0)
    assert SUBMITTED == [export.pk for export in exports]
    assert submit_waiting() == (0, 0)


def test_an_export_that_was_just_created_is_left_to_its_request():
    create()
    assert submit_waiting() == (0, 0)


def test_an_export_that_a_worker_has_given_back_is_submitted_again():
    export = running(submitted=-5, expires=60)
    assert submit_waiting() == (0, 0)
    assert export.release("worker")
    assert submit_waiting() == (1, 0)


def test_an_export_whose_worker_was_killed_is_submitted_once_its_lease_has_run_out():
    export = running(submitted=-5, expires=-1)
    assert submit_waiting() == (1, 0)
    assert SUBMITTED == [export.pk]
    assert submit_waiting() == (0, 0)


@pytest.mark.parametrize(("age", "count"), [(500, 0), (700, 1)])
def test_an_export_that_waits_for_ten_minutes_is_submitted_again(age, count):
    create(submitted=timezone.now() - timedelta(seconds=age))
    assert submit_waiting() == (count, 0)


def test_exports_that_have_ended_are_not_submitted():
    export = create(submitted=None)
    export.cancel()
    assert submit_waiting() == (0, 0)


def test_a_queue_that_is_down_is_asked_once(down):
    exports = [create(owner=owner, submitted=None) for owner in ("ana", "bea", "cora")]
    assert submit_waiting() == (0, 3)
    assert SUBMITTED == [exports[0].pk]


def test_an_export_that_is_tried_again_is_submitted():
    export = create(submitted=None)
    export.cancel()
    assert export.retry("key")
    assert reloaded(export).submitted is not None


def test_the_command_submits_exports():
    create(submitted=None)
    output = StringIO()
    call_command("exports", "submit", stdout=output)
    assert (output.getvalue(), len(SUBMITTED)) == ("Exports submitted: 1.\n", 1)


def test_the_command_fails_if_the_queue_is_down(down):
    create(submitted=None)
    with pytest.raises(CommandError) as raised:
        call_command("exports", "submit", stdout=StringIO())
    assert str(raised.value) == "The queue cannot be reached. Exports still waiting: 1."


def test_the_command_needs_a_queue(settings):
    settings.STREAMREPORTS = {}
    with pytest.raises(CommandError) as raised:
        call_command("exports", "submit")
    assert str(raised.value) == (
        "EXPORT_RUNNER is not set, so there is no queue: use “exports run” instead."
    )
