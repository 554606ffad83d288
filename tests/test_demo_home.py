"""The home page of the demo, and what its sections show."""

import inspect
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import demo_project.settings
from demo_project.cargo import manual, memory, views
from demo_project.cargo.factories import CargoFactory, CarrierFactory, TagFactory
from demo_project.cargo.failing import FailingCargoCsvView
from demo_project.cargo.models import Cargo
from tests.pages.html import parse

ROOT = Path(__file__).parent.parent


@pytest.fixture
def cargo(db):
    """Return one cargo, whose price is found nowhere else."""
    return CargoFactory(
        commodity="=Wine, red",
        weight=Decimal("1234.500"),
        price=Decimal("777.77"),
        carrier=CarrierFactory(name="Blue Anchor Line"),
        status=Cargo.Status.HELD,
        tags=[TagFactory(name="bulk")],
    )


@pytest.fixture
def home(client, cargo):
    return parse(client.get("/"))


def card(page, name):
    """Return the card of a report, by the name of its URL."""
    (found,) = page.all(**{"aria-labelledby": name})
    return found


def code(part):
    """Return the code in a part of a page, as it was written."""
    return "".join(texts(part.one("div", class_="code").one("pre")))


def texts(element):
    for child in element.children:
        yield from [child] if isinstance(child, str) else texts(child)


# Code


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("cargoes", views.CargoReportView),
        ("simple", views.CargoCsvView),
        ("full", views.FullCargoCsvView),
        ("excel", views.ExcelCargoCsvView),
        ("failing", FailingCargoCsvView),
    ],
)
def test_a_report_is_shown_with_the_source_of_its_view(home, name, view):
    assert code(card(home, name)) == inspect.getsource(view).rstrip()


def test_the_code_is_highlighted(home):
    words = card(home, "simple").all("span", class_="k")
    assert [word.text for word in words] == ["class"]


def test_a_module_is_shown(client, db):
    page = parse(client.get("/source/views/"))
    assert code(page) == (ROOT / "demo_project/cargo/views.py").read_text().rstrip()


@pytest.mark.parametrize(
    "name", ["nothing", "..", "management/commands/demo", "../settings", "x" * 300]
)
def test_no_other_file_is_shown(client, db, name):
    assert client.get(f"/source/{name}/").status_code == 404


def test_the_page_links_to_modules_that_are_there(client, home):
    links = {link["href"] for link in home.all("a") if link["href"].startswith("/source/")}
    assert links == {"/source/home/", "/source/views/", "/source/failing/"}
    assert {client.get(link).status_code for link in links} == {200}


# Rows


def rows(part):
    """Return the texts of the table in a part of a page, the header first."""
    return [
        [cell.text for cell in row if cell.tag in ("th", "td")]
        for row in part.one("table").all("tr")
    ]


def test_a_report_is_shown_with_its_rows(home, cargo):
    assert rows(card(home, "simple")) == [
        ["ID", "Commodity", "Weight"],
        [str(cargo.pk), "' escaped formula: =Wine, red", "1,234.500"],
    ]


def test_five_rows_are_shown_and_eight_of_the_first_report(client, db):
    CargoFactory.create_batch(20)
    page = parse(client.get("/"))
    names = ("cargoes", "simple", "full", "excel")
    assert [len(rows(card(page, name))) - 1 for name in names] == [8, 5, 5, 5]


def test_the_number_of_queries_does_not_grow_with_the_rows(client, db):
    numbers = []
    for size in (20, 100):
        CargoFactory.create_batch(size, tags=[TagFactory(name="bulk")])
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_the_number_of_rows_is_shown(client, db):
    CargoFactory.create_batch(20)
    assert (
        card(parse(client.get("/")), "simple")
        .one("p", class_="figures")
        .text.startswith("20 rows, ")
    )


def test_prices_are_shown_to_no_anonymous_visitor(home):
    for table in home.all("table"):
        assert "Price" not in table.text
        assert "777.77" not in table.text


def test_the_price_is_not_explained_to_anonymous_visitors(home):
    labels = [label.text for label in card(home, "cargoes").one("details").all("dt")]
    assert labels == [
        "ID",
        "Commodity",
        "Status",
        "Weight (kg)",
        "Picked up",
        "Carrier",
        "Origin",
        "Destination",
        "Tags",
    ]


def test_the_price_is_shown_to_staff(admin_client, cargo):
    header, row = rows(card(parse(admin_client.get("/")), "cargoes"))
    assert (header[-1], row[-1]) == ("Price per kg", "777.77")


def test_the_private_report_is_shown_to_users_alone(client, home):
    assert home.all(**{"aria-labelledby": "private"}) == []
    client.force_login(User.objects.create_user("reader"))
    assert len(rows(card(parse(client.get("/")), "private"))) == 2


def test_a_report_without_rows_says_so(client, cargo):
    Cargo.objects.update(status=Cargo.Status.LOADED)
    client.force_login(User.objects.create_user("reader"))
    assert "This report has no rows." in card(parse(client.get("/")), "private").text


def test_the_parameters_of_the_home_page_are_not_those_of_the_reports(client, cargo):
    page = parse(client.get("/", {"columns": "weight", "locale": "xx", "format": "jsonl"}))
    assert rows(card(page, "cargoes"))[0][0] == "ID"


def test_a_client_that_accepts_no_pages_gets_one(client, cargo):
    assert client.get("/", headers={"accept": "application/json"}).status_code == 200


def test_an_empty_database_shows_no_reports(client, db):
    page = parse(client.get("/"))
    assert (page.all("table"), page.all("article")) == ([], [])


# How the reports are read


def test_each_column_is_explained(home):
    ways = {
        term.children[0]: way.text
        for term, way in zip(
            card(home, "full").all("dt"), card(home, "full").all("dd"), strict=True
        )
    }
    assert ways["Route"] == "needs the instance: a property, method or callable"


# Excel


def test_the_language_of_the_browser_is_offered_for_excel(client, cargo):
    page = parse(client.get("/", headers={"accept-language": "de-AT,en;q=0.5"}))
    offer = card(page, "excel").one("div", class_="offer")
    assert offer.one("b").text == "Deutsch"
    assert [link["href"] for link in offer.all("a")] == [
        "/reports/cargo-excel.csv?locale=en",
        "/reports/cargo-excel.csv?locale=pt-br",
        "/reports/cargo-excel.csv?locale=ja",
    ]


def test_the_first_lines_of_the_file_for_excel_are_shown_as_they_are(client, cargo):
    Cargo.objects.update(picked_up_at=datetime(2026, 4, 3, 12, tzinfo=UTC))
    page = parse(client.get("/", headers={"accept-language": "de"}))
    lines = "".join(texts(card(page, "excel").one("div", class_="offer").one("pre")))
    assert lines == (
        f"ID;Ware;Gewicht;Abholung (UTC)\r\n{cargo.pk};'=Wine, red;1234,500;2026-04-03 12:00:00\r\n"
    )


# Languages


@pytest.fixture
def _languages_of_the_demo(settings):
    settings.LANGUAGES = demo_project.settings.LANGUAGES


@pytest.mark.usefixtures("_languages_of_the_demo")
@pytest.mark.parametrize(
    ("language", "heading", "titles"),
    [
        (
            "en",
            "Reports that start at once",
            ["Cargoes", "Three fields", "A column of every kind", "For Excel"],
        ),
        (
            "de",
            "Berichte, die sofort starten",
            ["Ladungen", "Drei Felder", "Eine Spalte jeder Art", "Für Excel"],
        ),
        (
            "pt-br",
            "Relatórios que começam na hora",
            ["Cargas", "Três campos", "Uma coluna de cada tipo", "Para Excel"],
        ),
        (
            "ja",
            "すぐに始まるレポート",
            ["貨物", "3つのフィールド", "あらゆる種類の列", "Excel 用"],
        ),
    ],
)
def test_the_page_is_in_the_language_of_the_visitor(client, cargo, language, heading, titles):
    page = parse(client.get("/", headers={"accept-language": language}))
    assert page.one("html")["lang"] == language
    assert page.one("h1").text == heading
    assert [article.one("h2").text for article in page.all("article")] == titles


def test_the_explanation_by_the_package_is_marked_as_english(client, cargo):
    page = parse(client.get("/", headers={"accept-language": "de"}))
    details = card(page, "full").one("details")
    assert details.one("q", lang="en").text == "Reads model instances: needed by Route."
    assert {way["lang"] for way in details.all("dd")} == {"en"}


# Downloads


def test_the_first_report_and_the_failing_one_can_be_watched(home):
    panels = [each for each in home.all("div") if "data-watch" in each]
    assert [panel["data-watch"] for panel in panels] == [
        "/reports/cargoes/?format=csv",
        "/reports/cargo-failing.csv",
    ]
    assert all("hidden" in panel for panel in panels)


def test_the_memory_of_the_server_is_a_number_of_bytes(client, db):
    response = client.get(reverse("cargo:memory"))
    assert 10_000_000 < response.json()["bytes"] < 10_000_000_000
    assert "no-store" in response.headers["Cache-Control"]


def test_the_memory_grows_with_what_is_kept():
    before = memory.resident_memory()
    kept = bytearray(b"x" * 50_000_000)
    assert memory.resident_memory() - before > 0.9 * len(kept)


def test_without_proc_the_peak_is_given(monkeypatch, tmp_path):
    now = memory.resident_memory()
    monkeypatch.setattr(memory, "STATUS", tmp_path / "missing")
    assert 0.9 * now < memory.resident_memory() < 100 * now


def test_the_failing_report_fails(client, cargo, monkeypatch):
    monkeypatch.setattr(FailingCargoCsvView, "fails_at", cargo.pk)
    with pytest.raises(ValueError, match=f"^The scales broke at cargo {cargo.pk}"):
        client.get(reverse("cargo:failing"))


# The manual


def test_the_links_to_the_manual_lead_to_pages(client, home):
    links = {link["href"] for link in home.all("a") if link["href"].startswith("/manual/")}
    assert links == {
        "/manual/index.html",
        "/manual/tutorial.html",
        "/manual/formats.html",
        "/manual/servers.html",
        "/manual/explanation/memory.html",
        "/manual/how-to/excel.html",
        "/manual/how-to/filters.html",
        "/manual/how-to/permissions.html",
        "/manual/reference/columns.html",
    }
    for link in links:
        with closing(client.get(link)) as response:
            assert response.status_code == 200


def test_a_manual_that_is_not_built_is_shown_as_text(client, monkeypatch, tmp_path):
    monkeypatch.setattr(manual, "BUILT", tmp_path)
    response = client.get("/manual/how-to/excel.html")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.getvalue() == (ROOT / "docs/how-to/excel.md").read_bytes()


def test_a_manual_that_is_built_is_shown_as_it_is(client, monkeypatch, tmp_path):
    (tmp_path / "index.html").write_text("built")
    monkeypatch.setattr(manual, "BUILT", tmp_path)
    response = client.get("/manual/index.html")
    assert (response.headers["Content-Type"], response.getvalue()) == ("text/html", b"built")


@pytest.mark.parametrize(
    ("path", "status"),
    [("conf.py", 404), ("nothing.html", 404), ("../README.html", 400), (f"{'x' * 3000}.html", 404)],
)
def test_no_other_file_is_a_page_of_the_manual(client, path, status):
    assert client.get(f"/manual/{path}").status_code == status
