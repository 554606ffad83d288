"""The exports of all users in the admin of the operators."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from streamreports.conf import get_settings
from streamreports.exports import queueing
from streamreports.exports.clock import in_seconds
from streamreports.exports.models import Export
from streamreports.exports.pruning import prune
from streamreports.exports.running import run_export
from tests.exports.support import create, reloaded, user_called
from tests.views import body, make

LIST = "/admin/streamreports_exports/export/"
SECRET = "name=Ann"

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(site, client):
    """Return what logs in a member of the staff with some permissions on exports."""

    def log_in(*codenames):
        user = User.objects.create_user("sam", is_staff=True)
        permissions = Permission.objects.filter(codename__in=codenames)
        assert len(permissions) == len(codenames)
        user.user_permissions.set(permissions)
        client.force_login(user)
        return client

    return log_in


def failed(**fields):
    """Return an export that has failed after some rows."""
    export = create(**fields)
    assert export.claim("machine:1:0", lease=60, attempts=3)
    assert export.renew("machine:1:0", lease=60, rows=50, bytes=500)
    assert export.fail("machine:1:0", "Something is wrong.", "Traceback\n  of Ann")
    Export.objects.filter(pk=export.pk).update(filename="old.csv", estimated_rows=100)
    return reloaded(export)


def cancelled(**fields):
    export = create(**fields)
    assert export.cancel()
    return reloaded(export)


def running(**fields):
    export = create(**fields)
    assert export.claim("machine:1:0", lease=60, attempts=3)
    return reloaded(export)


def done(**fields):
    export = create(**fields)
    assert run_export(export.pk)
    return reloaded(export)


def page_of(export):
    return f"{LIST}{export.pk}/change/"


def html(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def found(client, query):
    return {export.title for export in client.get(LIST + query).context["cl"].result_list}


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def act(client, action, *exports):
    data = {"action": action, "index": "0", "_selected_action": [str(e.pk) for e in exports]}
    return client.post(LIST, data)


# The list


def test_what_runs_is_listed(operator):
    export = running(owner="bea")
    Export.objects.update(rows=5000, estimated_rows=10000, started=in_seconds(-100))
    text = html(operator("view_export"), LIST)
    for shown in ("Makers", "bea", "Running, 50% done", "5,000 of 10,000 rows", "machine:1"):
        assert f">{shown}<" in text, shown
    assert ">0:01:4" in text or ">00:01:4" in text
    assert "rows per second" in text
    assert str(export.pk) in text


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?state__exact=queued", {"Waits"}),
        ("?state__exact=failed", {"Failed"}),
        ("?q=fail", {"Failed"}),
        ("?q=bea", {"Waits"}),
        ("?created__year=2020", set()),
    ],
)
def test_exports_are_searched_and_filtered(operator, query, titles):
    create(title="Waits", owner="bea")
    failed(title="Failed", owner="ana")
    assert found(operator("view_export"), query) == titles


@pytest.mark.parametrize(
    "query",
    [
        "?query_string__contains=Ann",
        "?query_string=name%3DAnn",
        "?traceback__startswith=T",
        "?active_key__startswith=a",
        "?error__contains=wrong",
        "?owner__password__startswith=a",
        "?owner__username=ana",
    ],
)
def test_hidden_fields_cannot_be_guessed_by_filters(operator, query):
    failed(query_string=SECRET)
    assert operator("view_export").get(LIST + query).status_code == 400


def test_hidden_fields_cannot_be_guessed_by_searching(operator):
    failed(query_string=SECRET)
    assert found(operator("view_export"), "?q=Ann") == set()


def test_the_list_needs_no_more_queries_for_more_exports(operator):
    client = operator("view_export", "change_export")

    def count():
        with CaptureQueriesContext(connection) as queries:
            html(client, LIST)
        return queries

    create(owner="u0")
    few = count()
    for number in range(1, 20):
        create(owner=f"u{number}", query_string=f"size={number}")
    many = count()
    assert len(many) == len(few)
    assert sum("COUNT(" in query["sql"] for query in many) == 1  # of what the filters select
    assert not any("traceback" in query["sql"] for query in many)


# The page of an export


def test_an_export_is_shown_without_a_form(operator):
    export = failed(query_string=SECRET)
    text = html(operator("view_export"), page_of(export))
    for shown in ("Something is wrong.", "old.csv", "/makers/", "Failed"):
        assert shown in text, shown
    for missing in ('name="title"', 'name="_save"', "/retry/", "/cancel/"):
        assert missing not in text, missing


def test_details_are_hidden(operator):
    export = failed(query_string=SECRET)
    text = html(operator("view_export", "change_export"), page_of(export))
    assert "Ann" not in text


def test_details_are_shown_with_their_permission(operator):
    export = failed(query_string=SECRET)
    text = html(operator("view_export", "view_export_details"), page_of(export))
    assert SECRET in text
    assert '<pre class="streamreports-traceback">Traceback\n  of Ann</pre>' in text


def test_details_are_deleted_with_the_file(site, admin_client):
    export = done(query_string="")
    Export.objects.update(traceback="T", query_string=SECRET, expires=in_seconds(-1))
    prune()
    text = html(admin_client, page_of(export))
    assert "Ann" not in text
    assert (reloaded(export).traceback, reloaded(export).query_string) == ("", "")


def test_details_are_deleted_with_a_failed_export(site):
    failed(query_string=SECRET)
    Export.objects.update(finished=in_seconds(-get_settings().export_expiry - 1))
    assert prune().exports == 1
    assert not Export.objects.exists()


def test_staff_without_permission_sees_nothing(operator):
    export = failed()
    client = operator()
    assert client.get(LIST).status_code == 403
    assert client.get(page_of(export)).status_code == 403


def test_exports_are_neither_added_nor_changed(site, admin_client):
    export = failed()
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(page_of(export), {"title": "x"}).status_code == 403
    assert reloaded(export).title == "Makers"


# The buttons


@pytest.mark.parametrize("make_export", [failed, cancelled])
def test_an_export_is_retried(operator, make_export, committed, monkeypatch):
    submitted = []
    monkeypatch.setattr(queueing, "get_runner", lambda: Runner(submitted))
    make(2)
    export = make_export()
    client = operator("view_export", "change_export")
    assert f"/{export.pk}/retry/" in html(client, page_of(export))
    with committed():
        response = client.post(f"{LIST}{export.pk}/retry/")
        assert submitted == []
    assert (response.status_code, response.headers["Location"]) == (302, page_of(export))
    assert told(response) == ["1 export was queued again."]
    assert submitted == [export.pk]
    assert LogEntry.objects.get().change_message == "Queued again."
    export = reloaded(export)
    assert (export.state, export.filename, export.rows, export.bytes) == ("queued", "", 0, 0)
    assert (export.error, export.estimated_rows, export.started) == ("", None, None)
    assert run_export(export.pk)
    assert reloaded(export).state == "done"


class Runner:
    def __init__(self, submitted):
        self.submitted = submitted

    def submit(self, export_id):
        self.submitted.append(export_id)


def test_an_export_is_not_retried_beside_an_equal_one(operator):
    export, other = failed(), create()
    response = operator("view_export", "change_export").post(f"{LIST}{export.pk}/retry/")
    (error, nothing) = told(response)
    assert error == (
        f"“Makers ({export.pk})” was not retried: an identical export of ana is active."
    )
    assert nothing == "0 exports were queued again."
    assert (reloaded(export).state, reloaded(other).state) == ("failed", "queued")


def test_an_export_that_waits_is_cancelled(operator):
    export = create()
    client = operator("view_export", "change_export")
    assert f"/{export.pk}/cancel/" in html(client, page_of(export))
    response = client.post(f"{LIST}{export.pk}/cancel/")
    assert told(response) == ["1 export was cancelled."]
    assert reloaded(export).state == "cancelled"
    assert LogEntry.objects.get().change_message == "Cancelled."


def test_the_worker_of_an_export_that_runs_is_told(operator):
    export = running()
    client = operator("view_export", "change_export")
    client.post(f"{LIST}{export.pk}/cancel/")
    assert reloaded(export).cancel_requested
    assert f"/{export.pk}/cancel/" not in html(client, page_of(export))


@pytest.mark.parametrize("name", ["retry", "cancel"])
def test_what_is_ready_stays_as_it_is(operator, name):
    export = done()
    client = operator("view_export", "change_export")
    assert f"/{export.pk}/{name}/" not in html(client, page_of(export))
    client.post(f"{LIST}{export.pk}/{name}/")
    assert reloaded(export).state == "done"
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(("name", "make_export"), [("retry", failed), ("cancel", create)])
def test_the_buttons_need_a_permission_a_post_and_a_token(operator, name, make_export):
    export = make_export()
    url, state = f"{LIST}{export.pk}/{name}/", export.state
    client = operator("view_export")
    assert client.post(url).status_code == 403
    user = User.objects.get(username="sam")
    user.user_permissions.add(Permission.objects.get(codename="change_export"))
    assert client.get(url).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(url).status_code == 403
    assert reloaded(export).state == state


@pytest.mark.parametrize("pk", ["0a3b1a34-6c3c-4f5e-9b1f-3d1f4a6d2f10", "nonsense"])
def test_an_export_that_does_not_exist_is_not_found(site, admin_client, pk):
    assert admin_client.post(f"{LIST}{pk}/retry/").status_code == 404


# The actions


def test_ticked_exports_are_retried(operator, committed):
    client = operator("view_export", "change_export")
    exports = [failed(), cancelled(query_string="a=1"), done(path="/page/")]
    response = act(client, "retry", *exports)
    assert told(response) == ["2 exports were queued again."]
    assert [reloaded(export).state for export in exports] == ["queued", "queued", "done"]


def test_two_equal_ticked_exports_are_retried_once(operator):
    exports = [failed(), failed()]
    response = act(operator("view_export", "change_export"), "retry", *exports)
    assert sorted(reloaded(export).state for export in exports) == ["failed", "queued"]
    assert len(told(response)) == 2


def test_ticked_exports_are_cancelled(operator):
    client = operator("view_export", "change_export")
    exports = [create(), failed(query_string="a=1")]
    assert told(act(client, "cancel", *exports)) == ["1 export was cancelled."]
    assert [reloaded(export).state for export in exports] == ["cancelled", "failed"]


def test_the_actions_need_a_permission(operator):
    export = create()
    client = operator("view_export")
    assert 'value="cancel"' not in html(client, LIST)
    act(client, "cancel", export)
    assert reloaded(export).state == "queued"


# Deleting


def test_an_export_is_deleted_with_its_file(site, operator, committed):
    export = done()
    client = operator("view_export", "delete_export")
    with committed():
        client.post(f"{LIST}{export.pk}/delete/", {"post": "yes"})
        assert site.exists(export.file)  # until the transaction is committed
    assert (Export.objects.count(), site.exists(export.file)) == (0, False)


def test_ticked_exports_are_deleted_with_their_files(site, admin_client, committed):
    exports = [done(), done(path="/page/")]
    data = {
        "action": "delete_selected",
        "post": "yes",
        "_selected_action": [str(export.pk) for export in exports],
    }
    with committed():
        admin_client.post(LIST, data)
    assert (Export.objects.count(), site.listdir("")[1]) == (0, [])


def test_the_exports_of_a_deleted_user_are_deleted_with_their_files(site, committed):
    make(1)
    export = done(owner="bea")
    with site.open(export.file) as file:
        assert file.read() == body(1)
    with committed():
        user_called("bea").delete()
    assert (Export.objects.count(), site.listdir("")[1]) == (0, [])


def test_a_file_that_cannot_be_deleted_is_left_to_pruning(site, committed, monkeypatch, caplog):
    export = done()

    def fail(self, name):
        raise OSError("The storage does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(type(site), "delete", fail)
        with committed():
            user_called("ana").delete()
    assert not Export.objects.exists()
    assert site.exists(export.file)
    assert "The storage does not answer." in caplog.text
