"""The log in the admin."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from streamreports.logs.models import ReportLog

LIST = "/admin/streamreports_logs/reportlog/"

pytestmark = pytest.mark.django_db


def make_entry(**fields):
    now = timezone.now()
    defaults = {
        "title": "Makers",
        "username": "ann",
        "view": "tests.views.MakerCsvView",
        "path": "/makers.csv",
        "format": "csv",
        "started": now,
        "finished": now,
        "seconds": 1.5,
        "rows": 12345,
        "bytes": 2048,
        "outcome": "completed",
    }
    return ReportLog.objects.create(**defaults | fields)


@pytest.fixture
def operator(client):
    """Return what logs in a member of the staff with some permissions on the log."""

    def log_in(*actions):
        user = User.objects.create_user("sam", is_staff=True)
        codenames = [f"{action}_reportlog" for action in actions]
        permissions = Permission.objects.filter(codename__in=codenames)
        assert len(permissions) == len(actions)
        user.user_permissions.set(permissions)
        client.force_login(user)
        return client

    return log_in


def page(client, url=LIST):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def titles(client, query):
    return {entry.title for entry in client.get(LIST + query).context["cl"].result_list}


def test_entries_are_listed(operator):
    make_entry()
    html = page(operator("view"))
    for text in ("Makers", "ann", "completed", "12345", "2.0\xa0KB", "csv"):
        assert f">{text}<" in html, text


def test_an_entry_is_shown_without_a_form(operator):
    entry = make_entry(parameters="size=1", remote_address="192.0.2.7")
    html = page(operator("view"), f"{LIST}{entry.pk}/change/")
    assert "size=1" in html
    assert "192.0.2.7" in html
    assert 'name="title"' not in html
    assert 'name="_save"' not in html


def test_an_entry_of_a_deleted_user_is_shown(operator):
    entry = make_entry(user_id=10**6)
    assert ">ann<" in page(operator("view"), f"{LIST}{entry.pk}/change/")


def test_entries_cannot_be_added(admin_client):
    assert admin_client.get(f"{LIST}add/").status_code == 403


def test_entries_cannot_be_changed(admin_client):
    entry = make_entry()
    assert admin_client.post(f"{LIST}{entry.pk}/change/", {"title": "x"}).status_code == 403
    entry.refresh_from_db()
    assert entry.title == "Makers"


def test_the_only_permissions_are_to_view_and_to_delete():
    codenames = Permission.objects.filter(content_type__app_label="streamreports_logs")
    assert set(codenames.values_list("codename", flat=True)) == {
        "view_reportlog",
        "delete_reportlog",
    }


@pytest.mark.parametrize("url", [LIST, f"{LIST}1/change/"])
def test_staff_without_permission_sees_nothing(operator, url):
    make_entry(pk=1)
    assert operator().get(url).status_code == 403


def test_staff_that_may_view_cannot_delete(operator):
    entry = make_entry()
    client = operator("view")
    assert client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert ReportLog.objects.count() == 1


def test_staff_with_permission_deletes_entries(operator):
    entry = make_entry()
    client = operator("view", "delete")
    assert client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 302
    assert ReportLog.objects.count() == 0
    assert LogEntry.objects.get().object_repr == "Makers"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=bob", {"Carriers"}),
        ("?q=makers", {"Makers"}),
        ("?q=size%3D1", {"Makers"}),
        ("?q=LookupError", {"Carriers"}),
        ("?outcome__exact=failed", {"Carriers"}),
        ("?is_export__exact=1", {"Carriers"}),
        ("?format=csv", {"Makers"}),
        ("?finished__year=2020", {"Carriers"}),
    ],
)
def test_entries_are_searched_and_filtered(operator, query, found):
    make_entry(parameters="size=1")
    make_entry(
        title="Carriers",
        username="bob",
        outcome="failed",
        exception="builtins.LookupError",
        is_export=True,
        format="json",
        view="x",
        path="/x",
        finished=timezone.now().replace(year=2020, month=1, day=1),
    )
    assert titles(operator("view"), query) == found


def test_the_list_begins_with_the_last_report(operator):
    make_entry(title="Old", finished=timezone.now().replace(year=2020, day=1))
    make_entry(title="New")
    entries = operator("view").get(LIST).context["cl"].result_list
    assert [entry.title for entry in entries] == ["New", "Old"]


def test_the_number_of_queries_does_not_depend_on_the_entries(operator):
    client = operator("view")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            page(client)
        return len(captured)

    make_entry(user=User.objects.get())
    page(client)
    before = queries()
    for _ in range(20):
        make_entry(user=User.objects.get())
    assert queries() == before


def test_a_user_with_entries_is_deleted_in_the_admin(admin_client):
    user = User.objects.create_user("ann")
    make_entry(user=user)
    url = reverse("admin:auth_user_delete", args=[user.pk])
    assert admin_client.post(url, {"post": "yes"}).status_code == 302
    assert ReportLog.objects.get().user is None
