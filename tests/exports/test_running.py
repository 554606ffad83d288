"""Exports from their request to their file."""

import hashlib
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone, translation

from streamreports.columns import Column
from streamreports.exceptions import ReportError
from streamreports.exports import running
from streamreports.exports.clock import in_seconds
from streamreports.exports.leases import Lease
from streamreports.exports.models import Export
from streamreports.exports.running import run_export
from streamreports.exports.saved import find_time_zone
from streamreports.exports.worker import run_exports
from tests.exports.support import MakersView, create, reloaded, user_called
from tests.views import body, make

pytestmark = pytest.mark.django_db

FAILED = "The report could not be generated"


def stored(storage, export):
    """Return the file of an export."""
    with storage.open(export.file) as file:
        return file.read()


def run(export):
    assert run_export(export.pk)
    return reloaded(export)


def failure(export):
    """Return why an export fails."""
    export = run(export)
    assert (export.state, export.file) == ("failed", "")
    return export.error


def files_in(storage):
    return storage.listdir("")[1] if storage.exists("") else []


def test_the_file_is_that_of_the_live_report(site, client):
    make(1000)
    export = run(create())
    live = b"".join(client.get("/makers/"))
    assert stored(site, export) == live == body(1000)


def test_what_is_known_of_the_file_is_recorded(site):
    make(1000)
    export = run(create())
    file = body(1000)
    assert (export.state, export.rows, export.bytes) == ("done", 1000, len(file))
    assert export.sha256 == hashlib.sha256(file).hexdigest()
    assert (export.filename, export.content_type) == ("makers.csv", "text/csv; charset=utf-8")


def test_the_name_of_the_file_tells_nothing(site):
    export = run(create())
    assert files_in(site) == [export.file]
    assert "makers" not in export.file


def test_an_empty_report_has_a_file(site):
    assert stored(site, run(create())) == b"Name,Size\r\n"


def test_filters_and_the_format_are_those_of_the_request(site):
    make(20)
    export = run(create("/choosy/", "format=jsonl&name=0007"))
    assert stored(site, export).count(b"\n") == 1
    assert (export.filename, export.content_type) == ("makers.jsonl", "application/x-ndjson")


def test_the_report_of_a_page_is_its_file(site):
    make(1)
    assert stored(site, run(create("/page/"))).startswith(b"Name,Size\r\n")


def test_the_report_is_compressed_by_nobody(site, monkeypatch, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.gzip.GZipMiddleware"]
    monkeypatch.setattr(MakersView, "compression", True)
    make(1000)
    assert stored(site, run(create())) == body(1000)


def test_the_language_and_the_time_zone_are_those_of_the_request(site, monkeypatch):
    found = []

    def note(maker):
        found.append((translation.get_language(), timezone.get_current_timezone_name()))
        return ""

    monkeypatch.setattr(MakersView, "columns", ["name", Column(note, label="Note")])
    make(1)
    run(create(language="de", time_zone="Asia/Tokyo", active_key="key"))
    assert found == [("de", "Asia/Tokyo")]


def test_the_language_and_the_time_zone_of_the_worker_stay(site):
    with translation.override("pt-br"), timezone.override("America/Sao_Paulo"):
        run(create("/choosy/", language="de", time_zone="Asia/Tokyo", active_key="key"))
        run(create("/broken/", language="de", time_zone="Asia/Tokyo", active_key="other"))
        assert translation.get_language() == "pt-br"
        assert timezone.get_current_timezone_name() == "America/Sao_Paulo"


def test_errors_are_in_the_language_of_the_request(site, monkeypatch, settings):
    monkeypatch.setattr(running, "_", lambda text: f"{translation.get_language()}: {text}")
    make(200)
    error = failure(create("/broken/", language="de"))
    assert error == f"de: {FAILED}. Try again, or contact the site administrator."
    settings.STREAMREPORTS = {"EXPORT_ATTEMPTS": 2}
    export = create(language="de", attempts=2)
    assert run_export(export.pk) is False
    assert reloaded(export).error == f"de: {FAILED}: it was interrupted 2 times."


@pytest.mark.parametrize(
    ("name", "minutes"), [("+0530", 330), ("-0030", -30), ("UTC+05:30", 330), ("UTC", 0)]
)
def test_fixed_time_zones_are_found_again(name, minutes):
    assert find_time_zone(name).utcoffset(None) == timedelta(minutes=minutes)


@pytest.mark.parametrize("name", ["tzlocal()", "Atlantis/Capital", "../UTC", ""])
def test_other_time_zones_are_errors(name):
    with pytest.raises(ReportError, match="is not in the IANA database"):
        find_time_zone(name)


def test_middleware_does_not_change_the_language_and_the_time_zone(site, monkeypatch, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.exports.support.activate_others"]
    found = []

    def get_queryset(view):
        found.append((translation.get_language(), timezone.get_current_timezone_name()))
        return super(MakersView, view).get_queryset()

    monkeypatch.setattr(MakersView, "get_queryset", get_queryset)
    run(create(language="de", time_zone="+0530", active_key="key"))
    assert found == [("de", "+0530")]


def test_the_request_is_that_of_the_owner(site, monkeypatch):
    found = []

    def get_queryset(view):
        request = view.request
        found.append((request.user, request.get_host(), request.is_secure(), request.path))
        return super(MakersView, view).get_queryset()

    monkeypatch.setattr(MakersView, "get_queryset", get_queryset)
    run(create(scheme="https", host="localhost", script_name="/sub"))
    assert found[-1] == (user_called("ana"), "localhost", True, "/sub/makers/")


def test_middleware_of_the_site_is_run(site, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.middleware.replace"]
    assert failure(create()) == f"{FAILED}: its URL returned 200."


# Failures


def test_permissions_are_those_of_now(site):
    export = create("/private/")
    assert failure(export) == "You may no longer see this report (403)."
    export.retry("key")
    permission = Permission.objects.get(codename="view_maker")
    user_called("ana").user_permissions.add(permission)
    assert run(export).state == "done"


def test_the_user_of_a_backend_that_is_not_used_any_more_gets_nothing(site, settings):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.RemoteUserBackend"]
    assert failure(create()) == "You may no longer log in (403)."


def test_an_inactive_user_gets_nothing(site):
    export = create()
    export.owner.is_active = False
    export.owner.save()
    assert failure(export) == "You may no longer log in (403)."


def test_a_backend_that_is_gone_fails_the_export(site):
    export = create(auth_backend="gone.Backend")
    assert failure(export) == "You may no longer log in (403)."


@pytest.mark.parametrize(
    ("path", "query_string", "error"),
    [
        ("/choosy/", "contry=DE", "The parameters of the report are no longer valid (400)."),
        ("/gone/", "", "The report no longer exists (404)."),
        ("/small/", "", "The report has become too large (413)."),
        ("/exports/", "", f"{FAILED}: its URL returned 200."),
    ],
)
def test_an_answer_that_is_no_report_fails_the_export(site, path, query_string, error):
    make(2)
    assert failure(create(path, query_string)) == error


def test_an_error_in_the_middle_leaves_no_file(site):
    make(250)
    error = failure(create("/broken/"))
    assert error == f"{FAILED}. Try again, or contact the site administrator."
    assert files_in(site) == []


def test_an_error_in_the_middle_is_kept_for_the_operator(site):
    make(250)
    assert "LookupError: no name for 0150" in run(create("/broken/")).traceback


def test_an_error_before_the_first_row_is_kept_for_the_operator(site, monkeypatch):
    monkeypatch.setattr(MakersView, "columns", ["nothing"])
    assert "nothing" in run(create()).traceback


def test_a_storage_that_fails_fails_the_export(site, monkeypatch):
    def save(name, content, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site, "save", save)
    assert "No space left on device" in run(create()).traceback


def test_a_full_site_is_asked_again(site, monkeypatch):
    monkeypatch.setattr(running, "RETRY_SECONDS", 0)
    statuses = iter([503, 503])

    class Busy:
        status_code = 503
        headers = {}
        close = staticmethod(lambda: None)

    send = running.send_request
    monkeypatch.setattr(
        running,
        "send_request",
        lambda *args: Busy() if next(statuses, None) else send(*args),
    )
    assert run(create()).state == "done"


def test_a_site_that_is_closed_for_hours_is_asked_again_soon(site, settings, monkeypatch):
    settings.MIDDLEWARE = ["tests.exports.support.closed_for_a_day"]
    waits = []
    monkeypatch.setattr(Lease, "wait", lambda lease, seconds: waits.append(seconds))
    assert failure(create()) == "Too many reports are being downloaded. Try again later."
    assert set(waits) == {60}


def test_a_report_that_needs_the_session_is_made_if_its_view_knows_exports(site, client):
    client.force_login(user_called("ana"))
    assert client.get("/verified/").status_code == 302
    session = client.session
    session["verified"] = True
    session.save()
    assert client.get("/verified/").status_code == 200
    assert failure(create("/verified/")) == (
        f"{FAILED}: its URL redirects to another page (302). It may need a"
        " session, which exports do not have."
    )
    assert run(create("/known/", active_key="key")).state == "done"


@pytest.mark.parametrize("verified", [True, False])
def test_the_session_is_asked_when_an_export_is_started(site, client, verified):
    client.force_login(user_called("ana"))
    session = client.session
    session["verified"] = verified
    session.save()
    response = client.post("/exports/", {"report": "/known/"}, headers={"accept": "text/plain"})
    assert response.status_code == (202 if verified else 302)


# Interruptions


def test_an_export_that_another_worker_makes_is_left_alone(site):
    export = create()
    assert export.claim("other", lease=60, attempts=3)
    assert run_export(export.pk) is False
    assert reloaded(export).lease_owner == "other"


def test_an_unknown_export_is_left_alone(site):
    export = create()
    export.delete()
    assert run_export(export.pk) is False


def test_an_export_that_is_deleted_while_it_is_claimed_is_left_alone(site, monkeypatch):
    claim = Export.claim

    def claim_and_delete(export, *args, **kwargs):
        is_claimed = claim(export, *args, **kwargs)
        Export.objects.all().delete()
        return is_claimed

    monkeypatch.setattr(Export, "claim", claim_and_delete)
    assert run_export(create().pk) is False


def test_an_export_is_given_up_after_three_workers(site, finished_exports):
    export = create(attempts=3)
    assert run_export(export.pk) is False
    assert reloaded(export).error == f"{FAILED}: it was interrupted 3 times."
    assert finished_exports == [export]


def interrupt_at(monkeypatch, number, interrupt):
    """Have something happen when so many blocks have been stored."""
    blocks_of = running.blocks_of

    def interrupted(response, lease):
        for count, block in enumerate(blocks_of(response, lease), start=1):
            yield block
            if count == number:
                interrupt(lease)

    monkeypatch.setattr(running, "blocks_of", interrupted)


def test_a_cancelled_export_leaves_no_file(site, monkeypatch, finished_exports):
    def cancel(lease):
        lease.export.cancel()
        lease.is_cancelled = True  # as the thread of the lease finds out

    interrupt_at(monkeypatch, 1, cancel)
    make(1000)
    export = run(create())
    assert (export.state, files_in(site)) == ("cancelled", [])
    assert finished_exports == [export]


def test_a_worker_that_lost_its_lease_leaves_all_to_the_other(site, monkeypatch):
    def take_over(lease):
        Export.objects.update(lease_expires=in_seconds(-1))
        assert lease.export.claim("other", lease=60, attempts=3)

    interrupt_at(monkeypatch, 1, take_over)
    make(1000)
    export = run(create())
    assert (export.state, export.lease_owner) == ("running", "other")
    assert files_in(site) == []


def test_an_export_that_another_worker_has_finished_is_told_once(
    site, monkeypatch, finished_exports
):
    def take_over(lease):
        if lease.export.attempts == 1:
            Export.objects.update(lease_expires=in_seconds(-1))
            assert run_export(lease.export.pk)

    interrupt_at(monkeypatch, 1, take_over)
    export = run(create())
    assert export.state == "done"
    assert finished_exports == [export]


def test_an_interrupted_worker_gives_the_export_back(site, monkeypatch):
    def interrupt(lease):
        raise KeyboardInterrupt

    interrupt_at(monkeypatch, 1, interrupt)
    make(1000)
    export = create()
    with pytest.raises(KeyboardInterrupt):
        run_export(export.pk)
    assert (reloaded(export).state, reloaded(export).attempts) == ("queued", 0)
    assert files_in(site) == []


# The worker


def test_a_worker_makes_what_waits_the_oldest_first(site):
    exports = [create("/choosy/", f"name={number}") for number in range(3)]
    assert list(run_exports(poll=0, once=True)) == [export.pk for export in exports]


def test_the_signal_tells_of_a_finished_export(site, finished_exports):
    export = run(create())
    assert [(each.pk, each.state) for each in finished_exports] == [(export.pk, "done")]
