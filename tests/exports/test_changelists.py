"""Changelists of the admin, and lists of objects, exported in the background."""

import gc

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.sites import all_sites
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.urls import include, path
from django.views.generic import ListView

from streamreports.admin import ReportAdminMixin
from streamreports.admin.views import ChangeListReportView
from streamreports.exports.models import Export
from streamreports.exports.running import run_export
from streamreports.exports.storage import save_blocks
from streamreports.formats.csv import CsvFormat
from streamreports.formats.json import JsonLinesFormat
from streamreports.pages import ReportListMixin
from tests.exports.support import reloaded
from tests.factories import DrawerFactory
from tests.models import Drawer, Maker
from tests.views import make, save

CHANGELIST = "/admin/tests/maker/"
REPORT = f"{CHANGELIST}report/"
ACTION = "export_selected_in_background"
PAGE = {"accept": "text/html"}

pytestmark = pytest.mark.django_db


class BareSite(admin.AdminSite):
    """An admin whose decorator keeps no attributes of a view."""

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)
        return lambda request, *args, **kwargs: inner(request, *args, **kwargs)


class MakersList(ReportListMixin, ListView):
    model = Maker
    ordering = ["name"]
    template_name = "tests/list.html"
    paginate_by = 1
    report_columns = ["name", "size"]
    report_formats = [CsvFormat, JsonLinesFormat]
    background = True


@pytest.fixture
def make_admin(site, settings):
    """Return a function that has the admin of makers at its address."""
    sites = []

    def create(site_class=admin.AdminSite, model=Maker, **attributes):
        admin_site = site_class()
        sites.append(admin_site)
        attributes = {
            "background": True,
            "list_display": ["name", "size"],
            "ordering": ["name"],
            **attributes,
        }
        bases = (ReportAdminMixin, admin.ModelAdmin)
        admin_site.register(model, type(f"{model.__name__}Admin", bases, attributes))
        settings.ROOT_URLCONF = (
            path("admin/", admin_site.urls),
            path("makers/", MakersList.as_view()),
            path("live/", MakersList.as_view(background=False)),
            path("exports/", include("streamreports.exports.urls")),
        )

    yield create
    for each in sites:  # No other test shall check it.
        all_sites.discard(each)


@pytest.fixture
def sam(client):
    """Return a client of a member of the staff who may view and export makers."""
    user = User.objects.create_user("sam", is_staff=True)
    content_type = ContentType.objects.get_for_model(Maker)
    for codename in ("view_maker", "export_maker"):
        permission, _ = Permission.objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": codename}
        )
        user.user_permissions.add(permission)
    client.force_login(user)
    return client


def start(client, report=REPORT, status=303):
    """Start an export as a browser does."""
    response = client.post("/exports/", {"report": report}, headers=PAGE)
    assert response.status_code == status, response.content
    return Export.objects.first()


def act(client, keys, query="", **data):
    data = {"action": ACTION, "index": "0", "_selected_action": keys, **data}
    return client.post(f"{CHANGELIST}{query}", data, headers=PAGE)


def run(export):
    assert run_export(export.pk)
    return reloaded(export)


def file_of(client, export):
    """Return the file as its owner downloads it."""
    assert export.state == "done", export.error
    response = client.get(f"/exports/{export.pk}/file/")
    assert response.status_code == 200
    return b"".join(response)


def live(client, url=REPORT):
    response = client.get(url)
    assert response.status_code == 200
    return b"".join(response)


def log():
    return list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))


def revoke(codename):
    User.objects.get(username="sam").user_permissions.remove(
        Permission.objects.get(codename=codename)
    )


# The changelist


def test_the_changelist_has_a_button(make_admin, sam):
    make_admin(search_fields=["name"])
    save("Ann")
    page = sam.get(f"{CHANGELIST}?q=a&o=-1").content.decode()
    assert '<form method="post" action="/exports/">' in page
    assert f'<input type="hidden" name="report" value="{REPORT}?o=-1&amp;q=a">' in page
    assert "Prepare in the background</button>" in page
    assert f'<option value="{ACTION}">' in page


def test_several_formats_are_offered(make_admin, sam):
    make_admin(report_formats=[CsvFormat, JsonLinesFormat])
    page = sam.get(CHANGELIST).content.decode()
    assert f'<option value="{REPORT}?format=jsonl">JSON Lines</option>' in page


def test_others_have_no_button(make_admin, sam, settings):
    make_admin(background=False)
    page = sam.get(CHANGELIST).content.decode()
    assert "background" not in page
    make_admin()
    revoke("export_maker")
    page = sam.get(CHANGELIST).content.decode()
    assert "background" not in page


@pytest.mark.parametrize("site_class", [admin.AdminSite, BareSite])
def test_the_file_is_that_of_the_live_report(make_admin, sam, site_class):
    make_admin(site_class)
    make(150)
    export = run(start(sam))
    assert (export.title, export.filename, export.rows) == ("Makers", "makers.csv", 150)
    assert file_of(sam, export) == live(sam)


def test_filters_search_and_order_are_kept(make_admin, sam):
    make_admin(list_filter=["size"], search_fields=["name"])
    save("Ann", "Anna", "Bob", size=1)
    save("Annabel", size=2)
    url = f"{REPORT}?q=ann&size__exact=1&o=-1"
    assert file_of(sam, run(start(sam, url))) == live(sam, url)
    assert [line[:4] for line in live(sam, url).splitlines()] == [b"Name", b"Anna", b"Ann,"]


def test_an_invalid_filter_is_rejected_at_once(make_admin, sam):
    make_admin()
    assert start(sam, f"{REPORT}?nmae=x", 400) is None


def test_a_report_that_is_not_opted_in_is_not_exported(make_admin, sam):
    make_admin(background=False)
    assert start(sam, status=404) is None
    assert start(sam, CHANGELIST, 404) is None


def test_the_view_of_the_report_may_opt_in(make_admin, sam):
    view = type("View", (ChangeListReportView,), {"background": True, "background_above": 1})
    make_admin(background=False, report_view_class=view)
    save("Ann", "Bob")
    assert sam.get(REPORT, headers=PAGE).status_code == 413
    assert run(start(sam)).rows == 2


# Ticked rows


def test_ticked_rows_are_exported(make_admin, sam):
    make_admin(search_fields=["name"])
    save("Ann", "Bob", "Carl")
    keys = list(Maker.objects.exclude(name="Bob").values_list("pk", flat=True))
    response = act(sam, keys, "?q=n")
    export = Export.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"/exports/{export.pk}/")
    assert export.query_string == f"q=n&pk__in={keys[0]},{keys[1]}"
    assert file_of(sam, run(export)) == b"Name,Size\r\nAnn,\r\n"


def test_the_keys_may_be_too_long_for_a_url(make_admin, sam):
    make_admin(list_per_page=900)
    make(800)
    keys = list(Maker.objects.values_list("pk", flat=True)[:700])
    act(sam, keys)
    export = run(Export.objects.get())
    assert (export.rows, len(export.query_string) > 2000) == (700, True)
    assert file_of(sam, export).count(b"\r\n") == 701


def test_all_pages_are_exported(make_admin, sam):
    make_admin(list_per_page=1)
    save("Ann", "Bob")
    act(sam, [Maker.objects.first().pk], "?p=2", select_across="1")
    export = run(Export.objects.get())
    assert (export.query_string, export.rows) == ("", 2)


def test_keys_that_a_url_cannot_have_are_rejected(make_admin, admin_client):
    make_admin(model=Drawer, list_display=["code"], ordering=["code"])
    DrawerFactory(code="a,b")
    data = {"action": ACTION, "index": "0", "_selected_action": ["a,b"]}
    response = admin_client.post("/admin/tests/drawer/", data)
    assert response.status_code == 302
    assert [str(each) for each in get_messages(response.wsgi_request)] == [
        "These rows cannot be exported in the background. Export all of them, or filter."
    ]
    assert not Export.objects.exists()


def test_the_action_needs_the_permission(make_admin, sam):
    make_admin()
    save("Ann")
    revoke("export_maker")
    act(sam, [Maker.objects.get().pk])
    assert not Export.objects.exists()


# Permissions


@pytest.mark.parametrize("codename", ["export_maker", "view_maker"])
def test_permissions_are_checked_at_the_start(make_admin, sam, codename):
    make_admin()
    revoke(codename)
    assert start(sam, status=403) is None


@pytest.mark.parametrize("codename", ["export_maker", "view_maker"])
def test_permissions_are_checked_by_the_worker(make_admin, sam, codename):
    make_admin()
    export = start(sam)
    revoke(codename)
    export = run(export)
    assert (export.state, export.error) == ("failed", "You may no longer see this report (403).")
    assert log() == []


@pytest.mark.parametrize("codename", ["export_maker", "view_maker"])
def test_permissions_are_checked_for_the_file(make_admin, sam, codename):
    make_admin()
    export = run(start(sam))
    revoke(codename)
    assert sam.get(f"/exports/{export.pk}/file/").status_code == 403


def test_who_is_no_longer_of_the_staff_gets_no_file(make_admin, sam):
    make_admin()
    first, second = run(start(sam)), start(sam)
    User.objects.update(is_staff=False)
    assert run(second).state == "failed"
    assert sam.get(f"/exports/{first.pk}/file/").status_code == 302


# The log of the admin


def test_an_entry_is_logged_once(make_admin, sam):
    make_admin(search_fields=["name"])
    save("Ann", "Bob")
    export = start(sam, f"{REPORT}?q=n")
    assert log() == []
    file_of(sam, run(export))
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_repr) == ("sam", "Makers")
    assert entry.change_message == "Exported 1 row. Filters: q=n"
    assert not run_export(export.pk)
    assert len(log()) == 1


def test_an_export_that_is_started_again_is_logged_once(make_admin, sam, monkeypatch):
    make_admin()
    save("Ann")
    export = start(sam)
    with monkeypatch.context() as patch:
        patch.setattr("streamreports.exports.running.save_blocks", interrupt)
        with pytest.raises(KeyboardInterrupt) as caught:
            run_export(export.pk)
    assert (reloaded(export).state, log()) == ("queued", [])
    attempts = [caught.value]
    del caught

    def forget_and_save(blocks, name):
        """Have the garbage collector find the attempt before, as it may at any time."""
        attempts.clear()
        gc.collect()
        return save_blocks(blocks, name)

    monkeypatch.setattr("streamreports.exports.running.save_blocks", forget_and_save)
    run(export)
    assert log() == ["Exported 1 row."]


def interrupt(blocks, name):
    next(iter(blocks))
    raise KeyboardInterrupt


def test_an_export_that_fails_is_logged(make_admin, sam):
    def fail(self, maker):
        raise LookupError("no such maker")

    make_admin(list_display=["fail"], fail=fail)
    save("Ann")
    assert run(start(sam)).state == "failed"
    assert log() == ["Export failed after 0 rows."]


# Lists


@pytest.mark.parametrize("query", ["", "?format=csv", "?format=jsonl"])
def test_the_file_of_a_list_is_that_of_the_live_report(make_admin, sam, query):
    make_admin()
    make(150)
    export = run(start(sam, f"/makers/{query}"))
    assert (export.title, export.rows) == ("Makers", 150)
    assert file_of(sam, export) == live(sam, f"/makers/{query or '?format=csv'}")


def test_a_list_may_be_asked_for_by_its_header(make_admin, sam):
    make_admin()
    response = sam.get("/makers/?format=csv", headers={"prefer": "respond-async"})
    assert (response.status_code, response.headers["Preference-Applied"]) == (202, "respond-async")
    assert sam.get("/makers/", headers={"prefer": "respond-async"}).status_code == 200


def test_a_list_that_is_not_opted_in_is_not_exported(make_admin, sam):
    make_admin()
    assert start(sam, "/live/?format=csv", 404) is None


def test_an_invalid_parameter_of_a_list_is_rejected_at_once(make_admin, sam):
    make_admin()
    assert start(sam, "/makers/?nmae=x&format=csv", 400) is None


def test_a_list_says_where_an_export_is_started(make_admin, sam, client):
    make_admin()
    save("Ann")
    assert sam.get("/makers/").context["report_background_url"] == "/exports/"
    assert sam.get("/live/").context["report_background_url"] is None
    sam.logout()
    assert sam.get("/makers/").context["report_background_url"] is None
