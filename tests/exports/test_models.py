"""The states of an export."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from streamreports.exports.clock import DatabaseNow, in_seconds
from streamreports.exports.models import Export
from tests.exports.support import create, reloaded, user_called

pytestmark = pytest.mark.django_db

WORKER, OTHER = "worker", "other"
FILE = {"rows": 2, "file": "key", "bytes": 10, "sha256": "00"}
NOW = timezone.now()
ENDS = {"active_key": None, "finished": NOW}


def running(worker=WORKER, lease=60):
    export = create()
    assert export.claim(worker, lease=lease, attempts=3)
    return export


def abandoned():
    """Return an export whose worker has not renewed its lease."""
    export = running()
    Export.objects.update(lease_expires=in_seconds(-1))
    return export


def done():
    export = running()
    assert export.complete(WORKER, expiry=60, **FILE)
    return export


def failed():
    export = running()
    assert export.fail(WORKER, "No.", "Traceback")
    return export


def cancelled():
    export = create()
    assert export.cancel()
    return export


def expired():
    export = done()
    assert export.expire()
    return export


ENDED = [done, failed, cancelled, expired]


def states(*names):
    return pytest.mark.parametrize("make", names, ids=lambda make: make.__name__)


def test_an_export_waits_first():
    assert reloaded(create()).state == "queued"


def test_a_worker_claims_an_export():
    export = reloaded(running())
    assert (export.state, export.lease_owner, export.attempts) == ("running", WORKER, 1)


@states(running, *ENDED)
def test_a_worker_cannot_claim_what_runs_or_has_ended(make):
    assert not make().claim(OTHER, lease=60, attempts=3)


def test_a_worker_takes_over_when_the_lease_has_expired():
    export = abandoned()
    assert export.claim(OTHER, lease=60, attempts=3)
    assert (reloaded(export).lease_owner, reloaded(export).attempts) == (OTHER, 2)


def test_attempts_are_bounded():
    export = abandoned()
    assert not export.claim(OTHER, lease=60, attempts=1)


def test_an_export_is_given_up_when_its_attempts_are_used_up():
    export = abandoned()
    assert export.give_up("Interrupted.", attempts=1)
    assert (reloaded(export).state, reloaded(export).error) == ("failed", "Interrupted.")


@states(create, running, *ENDED)
def test_an_export_is_not_given_up_before(make):
    assert not make().give_up("Interrupted.", attempts=2)


def test_a_lease_is_renewed_with_the_progress():
    export = running(lease=1)
    assert export.renew(WORKER, lease=600, rows=5, bytes=50)
    assert (reloaded(export).rows, reloaded(export).bytes) == (5, 50)
    assert Export.objects.filter(lease_expires__gt=in_seconds(300)).exists()


def test_a_lease_that_has_expired_is_renewed_if_no_worker_has_taken_over():
    assert abandoned().renew(WORKER, lease=60, rows=0, bytes=0)


@states(running, *ENDED)
def test_another_worker_changes_nothing(make):
    export = make()
    before = Export.objects.filter(pk=export.pk).values().get()
    assert not any(
        [
            export.renew(OTHER, lease=60, rows=0, bytes=0),
            export.complete(OTHER, expiry=60, **FILE),
            export.fail(OTHER, "No."),
            export.acknowledge_cancel(OTHER),
            export.release(OTHER),
        ]
    )
    assert Export.objects.filter(pk=export.pk).values().get() == before


def test_a_worker_completes_an_export():
    export = reloaded(done())
    found = (export.state, export.file, export.rows, export.bytes, export.sha256)
    assert found == ("done", "key", 2, 10, "00")
    assert (export.active_key, export.lease_owner, export.lease_expires) == (None, "", None)


def test_a_file_expires():
    done()
    assert not Export.objects.outdated().exists()
    Export.objects.update(expires=in_seconds(-1))
    assert Export.objects.outdated().exists()


def test_an_expired_export_forgets_its_file_and_its_parameters():
    export = create(query_string="name=x")
    assert export.claim(WORKER, lease=60, attempts=3)
    assert export.complete(WORKER, expiry=60, **FILE)
    assert export.expire()
    export = reloaded(export)
    assert (export.state, export.file, export.query_string) == ("expired", "", "")


def test_a_worker_fails_an_export():
    export = reloaded(failed())
    assert (export.state, export.error, export.traceback) == ("failed", "No.", "Traceback")


def test_a_released_export_waits_again_without_an_attempt():
    export = running()
    export.renew(WORKER, lease=60, rows=7, bytes=70)
    assert export.release(WORKER)
    export = reloaded(export)
    assert (export.state, export.attempts, export.rows, export.bytes) == ("queued", 0, 0, 0)


@states(create, abandoned)
def test_an_export_without_a_worker_is_cancelled_at_once(make):
    export = make()
    assert export.cancel()
    assert reloaded(export).state == "cancelled"


def test_the_worker_of_a_running_export_is_asked_to_cancel_it():
    export = running()
    assert export.cancel()
    assert (reloaded(export).state, reloaded(export).cancel_requested) == ("running", True)
    assert export.acknowledge_cancel(WORKER)
    assert reloaded(export).state == "cancelled"


@states(*ENDED)
def test_what_has_ended_is_not_cancelled(make):
    assert not make().cancel()


@states(failed, cancelled)
def test_what_has_failed_is_tried_again(make):
    export = make()
    assert export.retry("key")
    export = reloaded(export)
    assert (export.state, export.attempts, export.error) == ("queued", 0, "")
    assert export.content_type == "text/csv"  # A part of the key.


@states(create, running, done, expired)
def test_nothing_else_is_tried_again(make):
    assert not make().retry("key")


def test_an_equal_export_cannot_wait_beside_another():
    create()
    with pytest.raises(IntegrityError), transaction.atomic():
        create()


@states(*ENDED)
def test_an_equal_export_may_follow_one_that_has_ended(make):
    make()
    assert create().state == "queued"


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("export_state_is_known", {**ENDS, "state": "lost"}),
        ("export_runs_with_a_lease", {"state": "running"}),
        ("export_runs_with_a_lease", {"lease_owner": WORKER}),
        ("export_is_active_with_a_key", {"active_key": None}),
        ("export_is_active_with_a_key", {**ENDS, "state": "failed", "active_key": "key"}),
        ("export_is_finished_with_a_time", {**ENDS, "state": "failed", "finished": None}),
        ("export_is_finished_with_a_time", {"finished": NOW}),
        ("export_is_done_with_a_file", {**ENDS, "state": "done"}),
        ("export_is_done_with_a_file", {**ENDS, "state": "done", "file": "key"}),
        ("export_is_done_with_a_file", {"file": "key"}),
    ],
)
def test_the_database_refuses_states_that_cannot_be(constraint, fields):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        create(**fields)


def test_owners_see_their_own_exports():
    mine, _theirs = create(owner="ana"), create(owner="bea")
    assert list(Export.objects.owned_by(user_called("ana"))) == [mine]


def test_the_database_has_the_time_in_utc():
    create()
    now = Export.objects.annotate(now=DatabaseNow()).get().now
    assert abs(now - timezone.now()) < timedelta(minutes=1)


def test_claims_do_not_depend_on_the_clock_of_the_machine(monkeypatch):
    export = running(lease=60)
    ahead = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: ahead)
    assert not export.claim(OTHER, lease=60, attempts=3)


class Replicas:
    """A router of a site that reads from replicas; there is no such database here."""

    def db_for_read(self, model, **hints):
        return "replica" if model is Export else None

    def db_for_write(self, model, **hints):
        return "default"


def test_replicas_are_never_asked(settings):
    settings.DATABASE_ROUTERS = ["tests.exports.test_models.Replicas"]
    export = create()
    assert Export.objects.get().claim("w", lease=60, attempts=3)
    assert reloaded(export).state == "running"
