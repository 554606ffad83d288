import csv
import datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse

from demo_project.cargo import streamed
from demo_project.cargo.factories import CargoFactory, CarrierFactory, PortFactory, TagFactory
from demo_project.cargo.models import Cargo
from tests.pages.html import parse, table

ROOT = Path(__file__).parent.parent


# The reports


@pytest.fixture
def cargo(db):
    """Return one cargo that has everything, and an awkward name."""
    return CargoFactory(
        commodity="=Wine, red",
        weight=Decimal("1234.500"),
        price=Decimal("2.50"),
        status=Cargo.Status.HELD,
        picked_up_at=datetime.datetime(2026, 11, 20, 9, 30, tzinfo=datetime.UTC),
        origin=PortFactory(code="DEHAM", name="Hamburg", country="Germany"),
        destination=PortFactory(code="BRSSZ", name="Santos", country="Brazil"),
        carrier=CarrierFactory(name="Blue Anchor Line"),
        tags=[TagFactory(name="fragile"), TagFactory(name="bulk")],
    )


def download(client, name, query=None, **headers):
    """Return the lines of a report."""
    response = client.get(reverse(f"cargo:{name}"), query, headers=headers)
    assert response.status_code == 200
    return b"".join(response).decode().split("\r\n")


def test_the_simple_report(client, cargo):
    assert download(client, "simple") == [
        "ID,Commodity,Weight",
        f'{cargo.pk},"\'=Wine, red",1234.500',
        "",
    ]


def test_the_full_report(client, cargo):
    assert download(client, "full") == [
        "ID,Commodity,Status,Weight (kg),Tonnes,Picked up,Route,Carrier,Tags",
        f'{cargo.pk},"\'=Wine, red",Held by customs,1234.500,1.23,2026-11-20,'
        "Hamburg – Santos,Blue Anchor Line,bulk; fragile",
        "",
    ]


def test_the_full_report_of_a_cargo_that_has_little(client, cargo):
    Cargo.objects.update(picked_up_at=None, carrier=None)
    cargo.tags.clear()
    assert download(client, "full")[1] == (
        f'{cargo.pk},"\'=Wine, red",Held by customs,1234.500,1.23,,Hamburg – Santos,,'
    )


ENGLISH = ["ID", "Commodity", "Weight", "Picked up (UTC)"]
GERMAN = ["ID", "Ware", "Gewicht", "Abholung (UTC)"]
PORTUGUESE = ["ID", "Mercadoria", "Peso", "Coleta (UTC)"]
WITH_COMMA = ["'=Wine, red", "1234,500", "2026-11-20 09:30:00"]
WITH_POINT = ['"\'=Wine, red"', "1234.500", "2026-11-20 09:30:00"]


@pytest.mark.parametrize(
    ("query", "header", "delimiter", "labels", "values"),
    [
        ({}, "de", ";", GERMAN, WITH_COMMA),
        ({}, "pt-BR,pt;q=0.9,en;q=0.8", ";", PORTUGUESE, WITH_COMMA),
        ({}, "xx,fr;q=0.5", ";", ENGLISH, WITH_COMMA),  # no language of the site
        ({}, "en-GB", ",", ENGLISH, WITH_POINT),
        ({}, "*", ",", ENGLISH, WITH_POINT),
        ({}, "", ",", ENGLISH, WITH_POINT),
        ({"locale": "de"}, "en", ";", ENGLISH, WITH_COMMA),
        ({"locale": "ja"}, "de", ",", GERMAN, WITH_POINT),
    ],
)
def test_the_report_for_excel_is_in_the_locale_of_the_visitor(
    client, cargo, query, header, delimiter, labels, values
):
    assert download(client, "excel", query, accept_language=header) == [
        f"\ufeff{delimiter.join(labels)}",
        delimiter.join([str(cargo.pk), *values]),
        "",
    ]


def test_the_report_for_excel_rejects_an_unknown_locale(client, cargo):
    assert client.get(reverse("cargo:excel"), {"locale": "xx"}).status_code == 400


def test_the_private_report(client, cargo):
    client.force_login(User.objects.create_user("reader"))
    assert download(client, "private") == [
        "ID,Commodity,Weight,Carrier,Country of origin",
        f'{cargo.pk},"\'=Wine, red",1234.500,Blue Anchor Line,Germany',
        "",
    ]


def test_the_private_report_holds_what_customs_hold(client, cargo):
    Cargo.objects.update(status=Cargo.Status.LOADED)
    client.force_login(User.objects.create_user("reader"))
    assert download(client, "private")[1:] == [""]


def test_the_private_report_sends_strangers_to_the_login(client, db):
    address = reverse("cargo:private")
    response = client.get(address)
    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={address}")


@pytest.mark.parametrize("name", ["simple", "full", "excel"])
def test_a_report_is_a_download(client, cargo, name):
    filename = {"simple": "cargo.csv", "full": "cargo-full.csv", "excel": "cargo-excel.csv"}[name]
    headers = client.get(reverse(f"cargo:{name}")).headers
    assert headers["Content-Disposition"] == f'attachment; filename="{filename}"'
    assert headers["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("name", ["simple", "full"])
def test_many_cargoes_are_read_back(client, db, name):
    CargoFactory.create_batch(120, awkward=True)
    response = client.get(reverse(f"cargo:{name}"))
    rows = list(csv.reader(b"".join(response).decode().splitlines(keepends=True)))
    assert len(rows) == 121
    assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize(
    ("name", "queries"),
    [("simple", 1), ("excel", 1), ("full", 3 if connection.vendor == "mysql" else 2)],
)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    client, db, django_assert_num_queries, name, queries
):
    CargoFactory.create_batch(120, tags=[TagFactory(name="bulk")])
    with django_assert_num_queries(queries):
        download(client, name)


# The pages


def links(client, address="/"):
    """Return the addresses of the listed reports by their titles."""
    page = parse(client.get(address))
    return {link.text: link["href"] for item in page.all("h2") for link in item.all("a")}


PUBLIC = {
    "Cargoes": "/reports/cargoes/",
    "Three fields": "/reports/cargo.csv",
    "A column of every kind": "/reports/cargo-full.csv",
    "For Excel": "/reports/cargo-excel.csv",
}


def test_the_home_page_lists_the_reports(client, cargo):
    assert links(client) == PUBLIC


def test_the_home_page_lists_the_private_report_to_users(client, cargo):
    client.force_login(User.objects.create_user("reader"))
    assert links(client) == {**PUBLIC, "Behind a log-in": "/reports/cargo-private.csv"}


def test_the_home_page_of_an_empty_database_tells_how_to_fill_it(client, db):
    assert "python manage.py demo" in client.get("/").text


@pytest.mark.parametrize("address", ["/", "/reports/cargoes/", "/accounts/login/"])
def test_a_page_asks_no_other_host(client, cargo, address):
    assert "//" not in client.get(address).text.replace("<!doctype html>", "")


def test_the_report_with_a_page_is_filtered(client, cargo):
    CargoFactory(weight=1)
    page = parse(client.get("/reports/cargoes/?weight_min=1000&columns=commodity,weight"))
    assert table(page) == [
        ["Commodity", "Weight (kg)"],
        ["' escaped formula: =Wine, red", "1,234.500"],
    ]


@pytest.mark.parametrize(
    "query",
    [
        "commodity=wine",
        "status=held",
        "status=held&status=loaded",
        "picked_up_after=2026-11-20&picked_up_before=2026-11-20",
        "weight_max=1234.5",
    ],
)
def test_a_filter_selects_the_cargo(client, cargo, query):
    CargoFactory(
        commodity="Tea",
        status=Cargo.Status.BOOKED,
        weight=2000,
        picked_up_at=datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC),
    )
    lines = client.get(f"/reports/cargoes/?{query}&columns=id&format=csv").getvalue().split()
    assert lines == [b"ID", str(cargo.pk).encode()]


def test_the_carrier_selects_the_cargo(client, cargo):
    CargoFactory(carrier=None)
    query = f"carrier={cargo.carrier.pk}&columns=id&format=csv"
    lines = client.get(f"/reports/cargoes/?{query}").getvalue().split()
    assert lines == [b"ID", str(cargo.pk).encode()]


def test_the_price_is_for_staff(client, admin_client, cargo):
    assert "Price per kg" not in client.get("/reports/cargoes/").text
    assert "Price per kg" in admin_client.get("/reports/cargoes/").text


# The streamed pages


@pytest.fixture
def _no_pauses(monkeypatch):
    monkeypatch.setattr(streamed, "PAUSE", 0)


def test_the_home_page_links_to_the_streamed_pages(client, cargo):
    page = parse(client.get("/"))
    assert [link["href"] for item in page.all("h3") for link in item.all("a")] == [
        "/streamed/comments/",
        "/streamed/template/",
        "/streamed/hello/",
    ]


@pytest.mark.usefixtures("_no_pauses")
@pytest.mark.parametrize("address", ["/streamed/comments/", "/streamed/template/"])
def test_comments_are_streamed(client, db, address):
    blocks = list(client.get(address))
    page = b"".join(blocks).decode()
    assert len(blocks) > 5
    assert page.count("<li>") == 6
    assert "<li><b>Eve</b>: Then let us load the tea &amp; the coffee first.</li>" in page
    assert page.rstrip().endswith("</html>")


@pytest.mark.usefixtures("_no_pauses")
def test_the_name_in_the_address_is_greeted(client, db):
    before, name, after = client.get("/streamed/hello/", {"name": "<Ann>"})
    assert before.endswith(b"<p>Hello ")
    assert name == b"&lt;Ann&gt;"
    assert after.startswith(b"!</p>")


@pytest.mark.usefixtures("_no_pauses")
def test_without_a_name_the_world_is_greeted_in_the_language_of_the_visitor(client, db):
    page = b"".join(client.get("/streamed/hello/", headers={"accept-language": "de"}))
    assert "<p>Hallo Welt!</p>" in page.decode()


def test_the_report_with_a_page_offers_several_formats(client, cargo):
    page = client.get("/reports/cargoes/").text
    for name in ("csv", "excel-csv", "xlsx", "jsonl", "html", "csv.gz"):
        assert f"format={name}" in page
    file = client.get("/reports/cargoes/?format=html").getvalue().decode()
    assert "<td>=Wine, red</td>" in file
    assert "<figcaption>1 row, complete</figcaption>" in file


# The log-in


def log_in(client, address):
    """Log in with a next address; return where the log-in leads to."""
    User.objects.create_user("reader", password="reader")
    data = {"username": "reader", "password": "reader", "next": address}
    return client.post("/accounts/login/", data).url


@pytest.mark.parametrize(
    "address",
    ["/reports/cargo-private.csv", "/reports/cargo-full.csv?a=1", "/reports/cargoes/?format=csv"],
)
def test_a_log_in_that_leads_to_a_file_leads_to_the_home_page(client, db, address):
    assert log_in(client, address) == f"/?{urlencode({'download': address})}"


@pytest.mark.parametrize("address", ["/reports/cargoes/?status=held", "/admin/", "/nothing/"])
def test_a_log_in_that_leads_to_a_page_leads_there(client, db, address):
    assert log_in(client, address) == address


def test_a_log_in_does_not_lead_to_itself(client, db):
    address = "/accounts/login/?next=/accounts/login/"
    assert log_in(client, "/accounts/login/") == "/"
    assert client.get(address).url == "/"


@pytest.mark.parametrize("address", ["//[", "http://[::1", "//\u2100.example/x"])
def test_the_home_page_starts_no_download_from_an_invalid_url(client, cargo, address):
    page = parse(client.get("/", {"download": address}))
    assert page.all("meta", **{"http-equiv": "refresh"}) == []


def test_the_home_page_starts_the_download(client, cargo):
    page = parse(client.get("/", {"download": "/reports/cargoes/?status=held&format=csv"}))
    refresh = page.one("meta", **{"http-equiv": "refresh"})
    assert refresh["content"] == "0; url=/reports/cargoes/?status=held&format=csv"
    assert page.one("p", role="status").one("a")["href"] == (
        "/reports/cargoes/?status=held&format=csv"
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/reports/cargo.csv",
        "//example.com/reports/cargo.csv",
        "/accounts/logout/",
        "/reports/cargoes/",
        "/nothing/",
        "javascript:alert(1)",
        "",
    ],
)
def test_the_home_page_starts_no_other_download(client, cargo, address):
    assert "refresh" not in client.get("/", {"download": address}).text


@pytest.mark.parametrize("address", ["/accounts/login/", "/admin/login/"])
def test_the_login_pages_are_there(client, db, address):
    assert client.get(address).status_code == 200


def test_the_admin_lists_the_cargoes(admin_client, cargo):
    page = admin_client.get(reverse("admin:cargo_cargo_changelist")).content.decode()
    assert "=Wine, red" in page
    assert "Hamburg – Santos" in page


def test_the_admin_shows_a_cargo(admin_client, cargo):
    address = reverse("admin:cargo_cargo_change", args=[cargo.pk])
    assert admin_client.get(address).status_code == 200


def test_the_admin_exports_what_its_changelist_shows(admin_client, cargo):
    CargoFactory(status=Cargo.Status.BOOKED)
    page = admin_client.get(reverse("admin:cargo_cargo_changelist"), {"status__exact": "held"})
    address = f"{reverse('admin:cargo_cargo_report')}?status__exact=held"
    assert f'href="{address}"' in page.content.decode()
    assert b"".join(admin_client.get(address)).decode().split("\r\n") == [
        "Commodity,Weight,Price per kg,Status,Route,Carrier,Picked up",
        '"\'=Wine, red",1234.500,2.50,Held by customs,Hamburg – Santos,Blue Anchor Line,'
        "2026-11-20 09:30:00+00:00",
        "",
    ]
