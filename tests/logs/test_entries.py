"""What an entry says."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.urls import include, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.authentication import BaseAuthentication
from rest_framework.views import APIView

from streamreports.background import mark_export
from streamreports.formats.json import JsonFormat
from streamreports.logs.entries import address_of, cut, dotted_path, title_of
from streamreports.logs.models import ReportLog
from streamreports.reports import Report
from streamreports.shortcuts import stream_report
from tests.admin.conftest import make_pages  # noqa: F401
from tests.filtered import ChoosingView
from tests.management.support import dump
from tests.models import Maker
from tests.views import MakerCsvView, get, save

pytestmark = pytest.mark.django_db


def makers_view(request):
    return stream_report(request, Maker.objects.all(), ["name"])


def download(client, url, **kwargs):
    response = client.get(url, **kwargs)
    assert response.status_code == 200, response.content
    return b"".join(response)


def entry_of(client, url, **kwargs):
    """Return the entry of a download."""
    download(client, url, **kwargs)
    return ReportLog.objects.get()


# Who


def test_the_user_is_recorded(site, client, ann):
    client.force_login(ann)
    entry = entry_of(client, site())
    assert (entry.user, entry.username) == (ann, "ann")


def test_an_anonymous_user_has_no_name(site, client):
    entry = entry_of(client, site())
    assert (entry.user, entry.username) == (None, "")


def test_a_request_without_a_user_is_recorded(rf):
    b"".join(get(rf, MakerCsvView))
    assert ReportLog.objects.get().username == ""


def test_a_user_who_is_no_row_of_the_database_is_recorded_by_name(rf):
    class TokenUser:
        is_authenticated = True
        pk = 5

        def __str__(self):
            return "service"

    request = rf.get("/")
    request.user = TokenUser()
    b"".join(MakerCsvView.as_view()(request))
    entry = ReportLog.objects.get()
    assert (entry.user_id, entry.username) == (None, "service")


def test_the_user_of_a_framework_is_recorded(site, client, ann):
    class ByName(BaseAuthentication):
        def authenticate(self, request):
            return User.objects.get(username=request.headers["Authorization"]), None

    class MakersAPIView(APIView):
        authentication_classes = [ByName]

        def get(self, request):
            return stream_report(request, Maker.objects.all(), ["name"])

    entry = entry_of(client, site(MakersAPIView), headers={"authorization": "ann"})
    assert (entry.user, entry.view.split(".")[-1]) == (ann, "MakersAPIView")


def test_the_name_of_a_deleted_user_remains(site, client, ann):
    client.force_login(ann)
    entry = entry_of(client, site())
    ann.delete()
    entry.refresh_from_db()
    assert (entry.user_id, entry.username) == (None, "ann")


def test_the_name_is_that_at_the_time_of_the_report(site, client, ann):
    client.force_login(ann)
    download(client, site())
    ann.username = "anna"
    ann.save()
    assert ReportLog.objects.get().username == "ann"


@pytest.mark.parametrize(
    ("given", "recorded"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8::7", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("", None),
        ("unix:", None),
        ("192.0.2.7:50000", None),
    ],
)
def test_the_address_is_that_of_the_connection(site, client, given, recorded):
    headers = {"x-forwarded-for": "198.51.100.1"}
    assert entry_of(client, site(), REMOTE_ADDR=given, headers=headers).remote_address == recorded


def test_a_request_without_an_address_is_recorded(rf):
    request = rf.get("/")
    del request.META["REMOTE_ADDR"]
    assert address_of(request) is None


def test_addresses_need_not_be_recorded(site, client, settings):
    settings.STREAMREPORTS = {"LOG_REPORTS": True, "LOG_ADDRESSES": False}
    assert entry_of(client, site()).remote_address is None


# Which report


def test_the_view_and_its_url_are_recorded(site, client):
    entry = entry_of(client, site())
    assert (entry.view, entry.url_name) == ("tests.views.MakerCsvView", "makers")


def test_a_url_name_has_its_namespaces(settings, client):
    urls = ([path("makers/", MakerCsvView.as_view(), name="makers")], "inner")
    settings.ROOT_URLCONF = (path("reports/", include(urls)),)
    assert entry_of(client, "/reports/makers/").url_name == "inner:makers"


def test_a_url_without_a_name_is_recorded(site, client):
    assert entry_of(client, site(name=None)).url_name == ""


def test_a_function_is_recorded(site, client):
    entry = entry_of(client, site(makers_view))
    assert (entry.view, entry.title) == ("tests.logs.test_entries.makers_view", "Makers")


def test_what_has_no_path_is_recorded_by_its_representation():
    assert dotted_path(5) == "5"


def test_the_title_is_that_of_the_view(site, client):
    assert entry_of(client, site(type("View", (MakerCsvView,), {"title": "All"}))).title == "All"


def test_the_title_is_that_of_the_url(site, client):
    assert entry_of(client, site(title="Some")).title == "Some"


def test_without_a_title_it_is_the_name_of_the_rows(site, client):
    assert entry_of(client, site()).title == "Makers"


def test_a_title_is_in_the_default_language(site, client):
    url = site(title=_("Yes"))
    assert entry_of(client, url, headers={"accept-language": "de"}).title == "Yes"


def test_a_title_that_is_a_property_is_left_to_the_view(rf):
    view_class = type("View", (MakerCsvView,), {"title": property(lambda self: "All")})
    request = rf.get("/")
    request.resolver_match = None
    assert title_of(view_class, request, Report(Maker.objects.all(), ["name"])) == "Makers"


def test_the_path_and_the_parameters_are_recorded(site, client):
    entry = entry_of(client, site(ChoosingView), data={"columns": ["name", "size"]})
    assert (entry.path, entry.parameters) == ("/reports/makers.csv", "columns=name&columns=size")


def test_paths_are_percent_encoded(settings, client):
    settings.ROOT_URLCONF = (path("<path:what>", MakerCsvView.as_view()),)
    assert entry_of(client, "/käse%00%F0%9F%A7%80").path == "/k%C3%A4se%00%F0%9F%A7%80"


def test_parameters_are_percent_encoded(site, client):
    url = site(makers_view)
    assert entry_of(client, url, QUERY_STRING="q=\0k\xe4se%20").parameters == "q=%00k%C3%A4se%20"


def test_long_parameters_are_cut(site, client):
    url = site(strict_parameters=False)
    parameters = entry_of(client, f"{url}?q={'x' * 3000}").parameters
    assert len(parameters) == 2000
    assert parameters.startswith("q=xxx")
    assert parameters.endswith("xxx... [cut, 3002 characters]")


def test_long_paths_are_cut(settings, client):
    settings.ROOT_URLCONF = (path("<path:what>", MakerCsvView.as_view()),)
    recorded = entry_of(client, f"/{'x' * 600}").path
    assert len(recorded) == 500
    assert recorded.endswith("x... [cut, 601 characters]")


@given(st.text(max_size=200), st.integers(min_value=50, max_value=100))
def test_text_is_cut_only_if_it_is_too_long(text, max_length):
    result = cut(text, max_length)
    assert len(result) == min(len(text), max_length)
    assert (result == text) is (len(text) <= max_length)


def test_the_format_is_recorded(site, client):
    assert entry_of(client, site(formats=[JsonFormat])).format == "json"


# How it went


def test_the_rows_the_bytes_and_the_outcome_are_recorded(site, client):
    save("Ann", "Bob")
    file = download(client, site())
    entry = ReportLog.objects.get()
    assert (entry.rows, entry.bytes) == (2, len(file))
    assert (entry.outcome, entry.exception) == ("completed", "")
    assert entry.get_outcome_display() == "completed"


def test_the_times_are_recorded(site, client):
    before = timezone.now()
    entry = entry_of(client, site())
    assert before <= entry.finished <= timezone.now()
    assert 0 < entry.seconds < 60
    difference = entry.finished - entry.started - timedelta(seconds=entry.seconds)
    assert abs(difference) < timedelta(milliseconds=1)


def test_a_download_is_neither_an_export_nor_a_command(site, client):
    entry = entry_of(client, site())
    assert (entry.is_export, entry.is_command) == (False, False)


def test_an_export_is_marked(rf):
    request = rf.get("/")
    mark_export(request, None)
    b"".join(MakerCsvView.as_view()(request))
    assert ReportLog.objects.get().is_export


def test_a_command_is_marked(site, ann):
    dump(site(), user="ann")
    entry = ReportLog.objects.get()
    assert (entry.is_command, entry.is_export, entry.user) == (True, False, ann)


def test_a_command_of_nobody_is_recorded(site):
    dump(site())
    entry = ReportLog.objects.get()
    assert (entry.is_command, entry.username, entry.url_name) == (True, "", "makers")


def test_a_changelist_is_recorded(make_pages, admin_user):  # noqa: F811
    save("Ann")
    pages = make_pages(Maker)
    pages.lines()
    entry = ReportLog.objects.get()
    assert (entry.user, entry.title, entry.rows) == (admin_user, "Makers", 1)
    assert entry.url_name == "admin:tests_maker_report"


def test_an_anonymous_user_is_nobody(rf):
    request = rf.get("/")
    request.user = AnonymousUser()
    b"".join(MakerCsvView.as_view()(request))
    assert ReportLog.objects.get().username == ""


def test_an_entry_is_called_as_its_report():
    assert str(ReportLog(title="Makers")) == "Makers"
