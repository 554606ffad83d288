"""The exports of a user, over HTTP."""

import os
import time
import uuid
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from streamreports.exports import urls
from streamreports.exports.clock import in_seconds
from streamreports.exports.models import Export
from streamreports.exports.pruning import delete_export, prune
from streamreports.exports.running import run_export
from tests.exports.support import MakersView, create, done, reloaded, user_called
from tests.models import Maker
from tests.views import body, make

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}
ASYNC = {"prefer": "respond-async"}


def post(client, report, **headers):
    return client.post("/exports/", {"report": report}, headers={**JSON, **headers})


# Starting


def test_a_post_starts_an_export(ana):
    response = post(ana, "/makers/")
    export = Export.objects.get()
    assert (response.status_code, export.state) == (202, "queued")
    assert response.headers["Location"] == f"/exports/{export.pk}/"


def test_a_browser_starts_an_export_of_the_first_format(ana, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.exports.support.read_headers"]
    response = ana.post("/exports/", {"report": "/choosy/"}, headers={"accept": "text/html"})
    export = Export.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"/exports/{export.pk}/")
    assert export.filename == "makers.csv"


def test_the_export_keeps_the_request(ana):
    post(ana, "/choosy/?format=jsonl&name=x", **{"accept-language": "de"})
    export = Export.objects.get()
    assert (export.owner, export.path, export.query_string, export.language) == (
        user_called("ana"),
        "/choosy/",
        "format=jsonl&name=x",
        "de",
    )
    assert (export.title, export.filename) == ("Makers", "makers.jsonl")


def test_a_get_that_prefers_an_asynchronous_response_starts_an_export(ana):
    response = ana.get("/makers/", headers={**ASYNC, **JSON})
    export = Export.objects.get()
    assert (response.status_code, response.headers["Location"]) == (202, f"/exports/{export.pk}/")
    assert response.headers["Preference-Applied"] == "respond-async"


def test_a_preference_among_others_is_found(ana):
    ana.get("/makers/", headers={"prefer": "wait=10, respond-async; foo"})
    assert Export.objects.count() == 1


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("get", "/makers/", {}),
        ("get", "/makers/", {"prefer": "wait=10"}),
        ("head", "/makers/", ASYNC),
        ("get", "/live/", ASYNC),
        ("get", "/exports/", ASYNC),
        ("get", "/exports/?report=/makers/", {}),
    ],
)
def test_no_other_request_starts_an_export(ana, method, path, headers):
    assert getattr(ana, method)(path, headers=headers).status_code == 200
    assert not Export.objects.exists()


def test_an_equal_request_gets_the_export_that_waits(ana):
    first = post(ana, "/choosy/?name=x&sort=by_name")
    second = post(ana, "/choosy/?sort=by_name&name=x")
    assert first.headers["Location"] == second.headers["Location"]
    assert Export.objects.count() == 1


@pytest.mark.parametrize("accept", ["text/csv", "text/*, */*;q=0.1", "*/*"])
def test_an_accept_header_that_leads_to_the_same_format_makes_an_equal_request(ana, accept):
    for header in ["text/csv;q=0.9", accept]:
        ana.get("/choosy/", headers={**ASYNC, "accept": header})
    assert Export.objects.count() == 1


def test_an_accept_header_that_leads_to_another_format_gets_another_export(ana):
    for header in ["text/csv", "application/x-ndjson"]:
        ana.get("/choosy/", headers={**ASYNC, "accept": header})
    assert Export.objects.count() == 2


@pytest.mark.parametrize("report", ["/choosy/?name=y", "/makers/"])
def test_another_request_gets_another_export(ana, report):
    post(ana, "/choosy/?name=x")
    post(ana, report)
    assert Export.objects.count() == 2


def test_another_user_gets_another_export(ana, bea):
    post(ana, "/makers/")
    post(bea, "/makers/")
    assert Export.objects.count() == 2


def test_an_equal_request_after_the_end_gets_another_export(ana):
    done()
    post(ana, "/makers/")
    assert Export.objects.count() == 2


@pytest.mark.parametrize(
    ("report", "status"),
    [
        ("/choosy/?contry=DE", 400),
        ("/private/", 403),
        ("/small/", 413),
        ("/live/", 404),
        ("/exports/", 404),
        ("/nowhere/", 404),
        ("/other/", 404),
        ("/named/a%00b", 404),
        ("https://example.com/", 404),
        ("", 404),
        ("//[", 404),
    ],
)
def test_what_cannot_be_made_is_refused_at_once(ana, report, status):
    make(2)
    assert post(ana, report).status_code == status
    assert not Export.objects.exists()


def test_a_refusal_names_the_parameter(ana):
    assert "contry" in post(ana, "/choosy/?contry=DE").content.decode()


@pytest.mark.parametrize("name", ["é", "😀", "%F0%9F%98%80", "a b"])
def test_parameters_need_no_quoting(ana, site, name):
    Maker.objects.create(name=unquote(name), size=1)
    assert post(ana, f"/choosy/?name={name}").status_code == 202
    export = Export.objects.get()
    assert run_export(export.pk)
    with site.open(reloaded(export).file) as file:
        assert file.read().decode() == f"Name,Size\r\n{unquote(name)},1\r\n"


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_report_in_another_language_than_the_page_is_found(ana, settings, language):
    settings.ROOT_URLCONF = "tests.exports.prefixed"
    response = post(ana, "/de/makers/", **{"accept-language": language})
    export = Export.objects.get()
    assert (response.status_code, export.language) == (202, "de")


@pytest.mark.parametrize(
    ("report", "status"), [("/sub/makers/", 202), ("/makers/", 202), ("/submakers/", 404)]
)
def test_reports_below_a_script_name_are_found(ana, report, status):
    response = ana.post("/exports/", {"report": report}, headers=JSON, SCRIPT_NAME="/sub")
    assert response.status_code == status
    assert list(Export.objects.values_list("path", "script_name")) == (
        [("/makers/", "/sub")] if status == 202 else []
    )


def test_texts_of_any_length_are_kept(ana, settings, monkeypatch):
    settings.ALLOWED_HOSTS = ["*"]
    host = "a." * 200 + "example"
    monkeypatch.setattr(MakersView, "title", "T\0" * 300)
    monkeypatch.setattr(MakersView, "filename", "n\0" * 300 + ".csv")
    assert post(ana, "/makers/", host=host).status_code == 202
    export = Export.objects.get()
    export.full_clean(exclude=["file", "sha256"], validate_constraints=False)
    assert (export.host, export.filename) == (host, "n\ufffd" * 300 + ".csv")
    assert export.title == ("T\ufffd" * 300)[:255]


def test_a_title_has_no_control_characters(ana):
    assert post(ana, "/named/a%1B%5B2J").status_code == 202
    assert Export.objects.get().title == "a\ufffd[2J"


@pytest.mark.parametrize("pattern", urls.urlpatterns, ids=lambda pattern: pattern.name)
def test_no_view_is_in_a_transaction(pattern):
    assert "default" in pattern.callback._non_atomic_requests


def test_anonymous_users_have_no_exports(site, client):
    response = client.get("/makers/", headers={**ASYNC, **JSON})
    assert (response.status_code, Export.objects.count()) == (403, 0)
    assert post(client, "/makers/").status_code == 302


def test_a_post_needs_a_csrf_token(site):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_called("ana"))
    assert post(client, "/makers/").status_code == 403


def test_a_queue_that_is_down_leaves_the_export_waiting(
    ana, settings, caplog, django_capture_on_commit_callbacks
):
    settings.STREAMREPORTS = {"EXPORT_RUNNER": "tests.exports.nowhere.Runner"}
    with django_capture_on_commit_callbacks(execute=True):
        assert post(ana, "/makers/").status_code == 202
    export = Export.objects.get()
    assert export.state == "queued"
    assert "could not be submitted. It stays queued." in caplog.text
    status = ana.get(f"/exports/{export.pk}/", headers=JSON).json()
    text = "Waiting: the queue cannot be reached. The export starts when it is back."
    assert (status["state"], status["progress"]["summary"]) == ("queued", text)
    page = ana.get(f"/exports/{export.pk}/", headers={"accept": "text/html"})
    assert f'data-export-part="summary">{text}</p>' in page.content.decode()


# Following and fetching


def test_the_state_is_told_as_json(ana):
    make(3)
    export = done()
    status = ana.get(f"/exports/{export.pk}/", headers=JSON).json()
    assert (status["state"], status["rows"], status["error"]) == ("done", 3, "")
    assert status["file_url"] == f"http://testserver/exports/{export.pk}/file/"


def test_the_list_has_the_exports_of_the_user(ana):
    mine = create(owner="ana")
    create(owner="bea")
    exports = ana.get("/exports/", headers=JSON).json()["exports"]
    assert [each["id"] for each in exports] == [str(mine.pk)]


def test_the_file_is_that_of_the_report(ana):
    make(1000)
    response = ana.get(f"/exports/{done().pk}/file/")
    assert b"".join(response) == body(1000)
    assert response.headers["Content-Disposition"] == 'attachment; filename="makers.csv"'


def test_a_part_of_the_file_is_sent(ana):
    make(1000)
    response = ana.get(f"/exports/{done().pk}/file/", headers={"range": "bytes=10-19"})
    assert (response.status_code, b"".join(response)) == (206, body(1000)[10:20])


def test_the_file_of_a_report_in_another_language_is_sent(ana, settings):
    settings.ROOT_URLCONF = "tests.exports.prefixed"
    make(1)
    export = done(path="/de/makers/", language="de")
    response = ana.get(f"/exports/{export.pk}/file/", headers={"accept-language": "en"})
    assert b"".join(response) == body(1)


def test_there_is_no_file_before_the_end(ana):
    assert ana.get(f"/exports/{create().pk}/file/").status_code == 404


def test_an_expired_file_is_gone(ana):
    export = done()
    export.expire()
    assert ana.get(f"/exports/{export.pk}/file/", headers=JSON).status_code == 410


def test_a_file_that_the_storage_has_lost_is_gone(ana, site):
    export = done()
    site.delete(export.file)
    assert ana.get(f"/exports/{export.pk}/file/", headers=JSON).status_code == 410


def test_lost_permissions_stop_downloads(ana):
    user, permission = user_called("ana"), Permission.objects.get(codename="view_maker")
    user.user_permissions.add(permission)
    export = done(path="/private/")
    assert b"".join(ana.get(f"/exports/{export.pk}/file/")) == body(0)
    user.user_permissions.remove(permission)
    assert ana.get(f"/exports/{export.pk}/file/").status_code == 403


def test_a_table_that_has_grown_beyond_the_limit_stops_no_download(ana, monkeypatch):
    monkeypatch.setattr(MakersView, "max_rows", 1)
    make(1)
    export = done()
    make(2)
    assert b"".join(ana.get(f"/exports/{export.pk}/file/")) == body(1)


@pytest.mark.parametrize("pk", [None, uuid.UUID(int=0)])
@pytest.mark.parametrize("name", ["", "file/", "cancel/", "delete/"])
def test_the_exports_of_others_do_not_exist(site, bea, name, pk):
    export = done()
    method = "post" if name in ("cancel/", "delete/") else "get"
    response = getattr(bea, method)(f"/exports/{pk or export.pk}/{name}", headers=JSON)
    assert response.status_code == 404
    assert reloaded(export).state == "done"


# Changing


def test_cancelling_an_export_that_waits_sends_the_signal(ana, finished_exports):
    export = create()
    ana.post(f"/exports/{export.pk}/cancel/", headers=JSON)
    ana.post(f"/exports/{export.pk}/cancel/", headers=JSON)
    assert finished_exports == [export]


def test_cancelling_an_export_that_runs_leaves_the_signal_to_its_worker(ana, finished_exports):
    export = create()
    export.claim("worker", lease=60, attempts=3)
    ana.post(f"/exports/{export.pk}/cancel/", headers=JSON)
    assert (reloaded(export).cancel_requested, finished_exports) == (True, [])


def test_an_export_is_cancelled(ana):
    export = create()
    assert ana.post(f"/exports/{export.pk}/cancel/", headers=JSON).status_code == 204
    assert reloaded(export).state == "cancelled"


def test_an_export_is_deleted_with_its_file(ana, site, committed):
    export = done()
    with committed():
        response = ana.post(f"/exports/{export.pk}/delete/", headers=JSON)
    assert response.status_code == 204
    assert (Export.objects.count(), site.exists(export.file)) == (0, False)


def test_a_file_that_is_completed_during_the_deletion_is_deleted(ana, site, committed):
    export = create()
    assert run_export(export.pk)
    with committed():
        delete_export(export)  # as it was read before the end
    assert site.listdir("")[1] == []


@pytest.mark.parametrize("name", ["cancel", "delete"])
def test_a_get_changes_nothing(ana, name):
    export = done()
    assert ana.get(f"/exports/{export.pk}/{name}/").status_code == 405
    assert reloaded(export).state == "done"


# Pruning


def test_pruning_deletes_expired_files(ana, site):
    export = done()
    Export.objects.update(expires=in_seconds(-1))
    assert prune().files == 1
    assert (reloaded(export).state, site.exists(export.file)) == ("expired", False)


def test_an_expired_export_is_listed_for_as_long_as_its_file_was_kept(site, settings):
    settings.STREAMREPORTS = {"EXPORT_EXPIRY": 60}
    done()
    Export.objects.update(finished=in_seconds(-118), expires=in_seconds(-58))
    assert (prune().exports, Export.objects.get().state) == (0, "expired")
    Export.objects.update(expires=in_seconds(-61))
    assert prune().exports == 1


def test_pruning_deletes_files_without_an_export_when_they_are_old(site):
    export = done()
    path = Path(site.path(export.file))
    Export.objects.all()._raw_delete("default")
    assert prune().orphans == 0
    os.utime(path, (time.time() - 3601,) * 2)
    assert (prune().orphans, path.exists()) == (1, False)
