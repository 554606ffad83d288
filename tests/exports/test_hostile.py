"""Hostile values in what starts an export: it is rejected, or the file has no stray rows."""

from email.message import Message
from urllib.parse import quote

import pytest
from django.urls import path

from streamreports.exports.models import Export
from streamreports.exports.running import run_export
from tests.exports import support
from tests.exports.support import MakersView, reloaded
from tests.models import Maker
from tests.test_injection import HOSTILE, MARK, statements

VALUES = [*HOSTILE, f"{MARK}\0", "\0"]
NAMES = [value for value in VALUES if "\n" not in value]  # No URL matches a line feed.
HEADER = "Name,Size\r\n"
PATHS = [
    "https://example.com/choosy/",
    "//example.com/choosy/",
    "/../choosy/",
    "/choosy/../private/",
    "/choosy/;a=1",
    "/choosy%00/",
    "/choosy/%0d%0aX-Header: 1",
    "/choosy/\r\nX-Header: 1",
    "javascript:alert(1)",
    "%",
    "/%ff%fe/",
    "/" + "choosy/" * 2000,
    "http://[",
    "/exports/",
    *VALUES,
]

pytestmark = pytest.mark.django_db


class NamedView(MakersView):
    """A report whose title and file name are in its URL."""

    def get_title(self):
        return self.kwargs["name"]

    def get_filename(self):
        return f"{self.kwargs['name']}.csv"


@pytest.fixture
def maker(ana, settings):
    """Return a maker that no hostile value selects."""
    settings.ROOT_URLCONF = (path("files/<path:name>", NamedView.as_view()), *support.urlpatterns)
    return Maker.objects.create(name="Ann", size=1)


def post(client, report, accept="application/json"):
    return client.post("/exports/", {"report": report}, headers={"accept": accept})


def prefer(client, url, **headers):
    return client.get(url, headers={"prefer": "respond-async", **headers})


def rows_after(response, site):
    """Return the file of an export that was started; None if it was rejected."""
    if response.status_code != 202:
        assert 400 <= response.status_code < 500
        assert not Export.objects.exists()
        return None
    with statements() as found:
        export = Export.objects.get()
        assert run_export(export.pk)
    assert not any(MARK in sql for sql in found)
    export = reloaded(export)
    assert export.state == "done", export.traceback
    with site.open(export.file) as file:
        content = file.read().decode()
    export.delete()
    return content


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_hostile_path_is_rejected(ana, maker, accept):
    for report in PATHS:
        response = post(ana, report, accept)
        assert response.status_code == 404, report
        assert not [name for name in response.headers if name.startswith("X-Header")]
    assert not Export.objects.exists()


@pytest.mark.parametrize("name", ["size", "key_min", "sort", "format", "columns", "ordering", "x"])
def test_a_hostile_parameter_is_rejected(ana, maker, name):
    for value in VALUES:
        url = f"/choosy/?{name}={quote(value)}"
        assert post(ana, url).status_code == 400, value
        assert prefer(ana, url).status_code == 400, value
    assert not Export.objects.exists()


def test_a_hostile_name_of_a_parameter_is_rejected(ana, maker):
    for name in VALUES:
        assert post(ana, f"/choosy/?{quote(name)}=1").status_code == 400, name
        assert prefer(ana, f"/choosy/?{quote(name)}=1").status_code == 400, name
    assert not Export.objects.exists()


@pytest.mark.parametrize("start", [post, prefer])
def test_a_hostile_text_selects_no_row(ana, site, maker, start):
    for value in VALUES:
        expected = None if "\0" in value else HEADER
        response = start(ana, f"/choosy/?name={quote(value)}")
        assert rows_after(response, site) == expected, value
    assert list(Maker.objects.values_list("name", flat=True)) == ["Ann"]


def test_a_hostile_text_that_is_not_quoted_selects_no_row(ana, site, maker):
    for value in VALUES:
        response = post(ana, f"/choosy/?name={value}")
        assert rows_after(response, site) in (None, HEADER), value
    assert Maker.objects.count() == 1


@pytest.mark.parametrize("header", ["prefer", "accept", "accept-language", "cookie", "range"])
def test_a_hostile_header_starts_the_export_of_the_report_or_none(ana, site, maker, header):
    cookie = f"sessionid={ana.cookies['sessionid'].value}; "
    for value in VALUES:
        value = value.encode("utf-8", "surrogatepass").decode("latin-1")  # PEP 3333
        value = {"prefer": "respond-async, ", "cookie": cookie}.get(header, "") + value
        response = prefer(ana, "/choosy/", **{header: value})
        assert rows_after(response, site) in (None, f"{HEADER}Ann,1\r\n"), value


@pytest.mark.parametrize("name", [*NAMES, "../../etc/passwd", '"; filename="a.exe', "n" * 300])
def test_a_hostile_file_name_is_only_a_name(ana, site, maker, name):
    url = f"/files/{quote(name)}"
    require_name(ana.get(url))
    if "\0" not in name:  # That is no report to export.
        post(ana, url)
        export = Export.objects.get()
        assert run_export(export.pk)
        require_name(ana.get(f"/exports/{export.pk}/file/"))
        assert "/" not in reloaded(export).file


def test_a_hostile_file_name_of_a_view_is_only_a_name(rf, maker):
    for value in VALUES:
        require_name(MakersView.as_view(filename=f"{value}.csv")(rf.get("/")))


def require_name(response):
    """Check the rows of a file, and the name that clients save it under."""
    assert b"".join(response).decode() == f"{HEADER}Ann,1\r\n"
    name = file_name(response.headers["Content-Disposition"])
    assert name.endswith(".csv")
    assert not set(name) & set("/\\\r\n\0")
    assert "X-Header" not in response.headers


def file_name(disposition):
    """Return the file name that a client finds in a header."""
    message = Message()
    message["Content-Disposition"] = disposition
    assert message.get_content_disposition() == "attachment"
    return message.get_filename()
