"""The log of the admin: who exported what, and whether the file is complete."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.signals import request_finished
from django.db import DatabaseError, close_old_connections, connection, connections

from streamreports.admin import logentries
from streamreports.admin.views import ChangeListReportView
from streamreports.signals import Outcome
from streamreports.streaming.slots import acquire_slot
from tests.asgi import HANGS
from tests.connections import in_thread
from tests.models import Maker, SmallMaker
from tests.views import MakerCsvView, get, make, save


class UnbufferedView(ChangeListReportView):
    buffered_up_to = 0
    chunk_size = 100


@pytest.fixture
def begin(make_pages, rf, admin_user):
    """Return a function that begins an export of makers. Closing it closes no connection."""

    def get_response(query=""):
        pages = make_pages(Maker, list_display=["name", "size"], report_view_class=UnbufferedView)
        request = rf.get(f"/{query}")
        request.user = admin_user
        return pages.model_admin.report_view.as_view()(request)

    request_finished.disconnect(close_old_connections)
    yield get_response
    request_finished.connect(close_old_connections)


def end_other_sessions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def messages():
    """Return the message of each log entry, in order."""
    return list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))


# What an entry says


def test_an_entry_says_who_exported_what(make_pages, admin_user):
    save("Ann")
    make_pages(Maker).lines()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr, entry.object_id) == (admin_user, "Makers", None)
    assert entry.content_type.model_class() == Maker
    assert str(entry) == "Changed “Makers” — Exported 1 row."
    assert entry.get_admin_url() is None


def test_a_proxy_is_named_itself(make_pages):
    make_pages(SmallMaker).lines()
    assert LogEntry.objects.get().content_type.model == "smallmaker"


def test_an_entry_says_how_many_rows(make_pages):
    save("Ann", "Bob")
    make_pages(Maker).lines()
    assert messages() == ["Exported 2 rows."]


def test_an_entry_has_the_filters(make_pages):
    save("Ann, the first", size=1)
    pages = make_pages(Maker, list_filter=["size"], search_fields=["name"])
    pages.lines("?size__exact=1&q=Ann,+the&o=1")
    assert messages() == ["Exported 1 row. Filters: size__exact=1&q=Ann,%20the&o=1"]


def test_an_entry_has_the_keys_that_were_posted(make_pages):
    save("Ann", "Bob")
    keys = list(Maker.objects.values_list("pk", flat=True))
    pages = make_pages(Maker, search_fields=["name"])
    b"".join(pages.client.post(pages.url("report", "?q=n"), {"_selected_action": keys}))
    assert messages() == [f"Exported 1 row. Filters: q=n&pk__in={keys[0]},{keys[1]}"]


def test_an_entry_is_shown_among_recent_actions(make_pages):
    save("Ann")
    pages = make_pages(Maker)
    pages.lines()
    assert "Makers" in pages.client.get("/admin/").content.decode()


def test_messages_are_in_the_language_of_the_user(make_pages):
    pages = make_pages(Permission, report_view_class=UnbufferedView)
    response = pages.client.get(pages.url("report", "?o=1"), headers={"accept-language": "de"})
    assert messages() == ["Export gestartet. Filter: o=1"]
    b"".join(response)
    assert messages() == [f"{Permission.objects.count()} Zeilen exportiert. Filter: o=1"]
    assert LogEntry.objects.get().object_repr == "Berechtigungen"


# When it is written


def test_an_entry_is_written_when_the_export_begins(begin):
    make(1000)
    response = begin("?o=1")
    assert messages() == ["Export started. Filters: o=1"]
    b"".join(response)
    assert messages() == ["Exported 1000 rows. Filters: o=1"]


def test_an_entry_says_that_the_client_disconnected(begin):
    make(1000)
    response = begin()
    rows = next(iter(response)).count(b"\r\n")
    response.close()
    assert messages() == [f"Export cancelled after {rows} rows."]


def test_an_entry_says_that_the_export_failed(make_pages):
    def fail(self, maker):
        if maker.name.startswith("0700"):
            raise LookupError("no such maker")
        return maker.name

    make(1000)
    pages = make_pages(
        Maker, list_display=["fail"], fail=fail, report_view_class=UnbufferedView, ordering=["name"]
    )
    response = pages.report()
    with pytest.raises(LookupError):
        list(response)
    (message,) = messages()
    assert message.startswith("Export failed after ")
    assert 0 < int(message.split()[3]) <= 700


def test_an_export_that_fails_at_once_is_logged(make_pages):
    def fail(self, maker):
        raise LookupError("no such maker")

    save("Ann")
    pages = make_pages(Maker, list_display=["fail"], fail=fail)
    with pytest.raises(LookupError):
        pages.report()
    assert messages() == ["Export failed after 0 rows."]


def test_exports_side_by_side_have_an_entry_each(begin):
    make(1000)
    first, second = begin("?o=1"), begin("?o=2")
    b"".join(second)
    assert messages() == [
        "Export started. Filters: o=1",
        "Exported 1000 rows. Filters: o=2",
    ]
    first.close()


@pytest.mark.django_db(transaction=True)
def test_an_asynchronous_server_completes_the_entry(make_pages, async_client, admin_user):
    make(1000)
    pages = make_pages(Maker, list_display=["name", "size"], report_view_class=UnbufferedView)
    async_client.force_login(admin_user)

    @async_to_sync
    async def fetch():
        async with asyncio.timeout(HANGS):
            response = await async_client.get(pages.url("report"))
            return b"".join([block async for block in response])

    assert fetch().count(b"\r\n") == 1001
    assert messages() == ["Exported 1000 rows."]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="For PostgreSQL.")
@pytest.mark.django_db(transaction=True)
def test_a_database_that_ends_the_session_does_not_leave_the_entry_open(make_pages):
    def title(self, maker):
        if maker.name.startswith("0700"):
            in_thread(end_other_sessions)
        return maker.name

    make(2000)
    pages = make_pages(
        Maker,
        list_display=["title"],
        title=title,
        report_view_class=UnbufferedView,
        ordering=["name"],
    )
    response = pages.report()
    with pytest.raises(DatabaseError, match="terminating connection"):
        list(response)
    (message,) = messages()
    assert message.startswith("Export failed after ")


@pytest.mark.django_db(transaction=True)
def test_a_transaction_without_autocommit_stays_open(make_pages, monkeypatch):
    save("Ann")
    make_pages(Maker).lines()
    connection.set_autocommit(False)
    try:
        entry = LogEntry.objects.get()
        with monkeypatch.context() as patch:
            patch.setattr(connections["default"], "close", pytest.fail)
            logentries.LoggedExport(entry, "", "en").complete(Outcome.FAILED, 3)
        assert messages() == ["Export failed after 3 rows."]
    finally:
        connection.rollback()
        connection.set_autocommit(True)


# When none is written


def test_a_head_request_is_not_logged(make_pages):
    pages = make_pages(Maker)
    assert pages.client.head(pages.url("report")).status_code == 200
    assert messages() == []


def test_an_invalid_filter_is_not_logged(make_pages):
    assert make_pages(Maker).report("?nmae=x").status_code == 400
    assert messages() == []


def test_too_many_rows_are_not_logged(make_pages):
    save("Ann", "Bob")
    view = type("View", (ChangeListReportView,), {"max_rows": 1})
    assert make_pages(Maker, report_view_class=view).report().status_code == 413
    assert messages() == []


def test_too_many_streams_are_not_logged(make_pages):
    view = type("View", (ChangeListReportView,), {"max_concurrent_streams": 1, "slot_timeout": 0})
    pages = make_pages(Maker, report_view_class=view)
    slot = acquire_slot({pages.model_admin.report_view: 1}, 0)
    assert pages.report().status_code == 503
    slot.release()
    assert messages() == []


def test_a_refused_user_is_not_logged(make_pages, client_of):
    assert make_pages(Maker, client=client_of(Maker, "view")).report().status_code == 403
    assert messages() == []


def test_other_reports_are_not_logged(db, rf):
    b"".join(get(rf, MakerCsvView))
    assert messages() == []


def test_an_entry_that_cannot_be_written_does_not_break_the_export(make_pages, monkeypatch):
    def fail(*args, **kwargs):
        raise LookupError("no log")

    monkeypatch.setattr(LogEntry, "save", fail)
    save("Ann")
    assert make_pages(Maker).lines() == ["Maker", "Ann"]
