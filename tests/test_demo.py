import csv
import datetime
import os
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse

from demo_project.cargo.factories import CargoFactory, CarrierFactory, PortFactory, TagFactory
from demo_project.cargo.models import Cargo

ROOT = Path(__file__).parent.parent


# The command


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Run the demo three times on one new file; return the file and what was printed."""
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "demo_project.settings",
        "DATABASE": "sqlite",
        "SQLITE_NAME": str(path),
    }
    results = [
        subprocess.run(
            [sys.executable, "-W", "error", "manage.py", "demo", "--no-serve", "--rows", rows],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        for rows in ("200", "200", "300")
    ]
    return path, results


def count(path, table):
    with sqlite3.connect(path) as database:
        (number,) = database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
    database.close()
    return number


def test_every_run_of_the_demo_succeeds(runs):
    _, results = runs
    assert [result.returncode for result in results] == [0, 0, 0]


def test_the_demo_names_its_users(runs):
    _, (first, *_) = runs
    assert "  admin, password admin: sees the admin\n" in first.stdout
    assert "  reader, password reader: downloads the private report\n" in first.stdout


def test_the_demo_shows_its_progress(runs):
    _, (first, *_) = runs
    assert first.stderr.startswith("200 of 200 cargoes, ")


def test_a_second_run_adds_nothing(runs):
    _, (_, second, _) = runs
    assert second.stdout.startswith("200 cargoes exist already; none were added.\n")


def test_a_run_with_more_rows_adds_those_that_are_missing(runs):
    path, (*_, third) = runs
    assert third.stdout.startswith("200 cargoes exist; adding 100.\n")
    assert count(path, "cargo_cargo") == 300


def test_users_are_created_once(runs):
    path, _ = runs
    assert count(path, "auth_user") == 2


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


def download(client, name):
    """Return the lines of a report."""
    response = client.get(reverse(f"cargo:{name}"))
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
        "ID,Commodity,Status,Weight (kg),Price per kg,Value,Picked up,Route,Carrier,Tags",
        f'{cargo.pk},"\'=Wine, red",Held by customs,1234.500,2.50,3086.25,20/11/2026,'
        "Hamburg – Santos,Blue Anchor Line,bulk; fragile",
        "",
    ]


def test_the_full_report_of_a_cargo_that_has_little(client, cargo):
    Cargo.objects.update(picked_up_at=None, carrier=None)
    cargo.tags.clear()
    assert download(client, "full")[1] == (
        f'{cargo.pk},"\'=Wine, red",Held by customs,1234.500,2.50,3086.25,,Hamburg – Santos,,'
    )


def test_the_report_for_excel(client, cargo):
    assert download(client, "excel") == [
        "\ufeffID;Commodity;Weight;Price per kg;Origin;Destination",
        f"{cargo.pk};'=Wine, red;1234,500;2,50;Hamburg;Santos",
        "",
    ]


def test_the_private_report(client, cargo):
    client.force_login(User.objects.create_user("reader"))
    assert download(client, "private") == [
        "ID,Commodity,Price per kg,Carrier name,Origin country",
        f'{cargo.pk},"\'=Wine, red",2.50,Blue Anchor Line,Germany',
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


def test_the_home_page_shows_the_first_rows_of_each_report(client, cargo):
    page = client.get("/").content.decode()
    for label in ["Price per kg", "Weight (kg)", "Route", "Destination"]:
        assert f'<th scope="col">{label}</th>' in page
    for text in ["&#x27;=Wine, red", "3086.25", "Hamburg – Santos", "bulk; fragile", "1234,500"]:
        assert f"<td>{text}</td>" in page


def test_the_home_page_shows_five_rows_at_most(client, db):
    CargoFactory.create_batch(7)
    page = client.get("/").content.decode()
    assert page.count("<caption>The first 5 rows</caption>") == 3
    assert page.count("7 rows ·") == 3


@pytest.mark.parametrize("name", ["simple", "full", "excel"])
def test_the_home_page_has_a_button_for_each_report(client, cargo, name):
    assert f'href="{reverse(f"cargo:{name}")}" download' in client.get("/").content.decode()


def test_the_home_page_hides_the_private_report_from_strangers(client, cargo):
    page = client.get("/").content.decode()
    assert "Log in to download" in page
    assert f'href="{reverse("cargo:private")}" download' not in page


def test_the_home_page_shows_the_private_report_to_users(client, cargo):
    client.force_login(User.objects.create_user("reader"))
    page = client.get("/").content.decode()
    assert f'href="{reverse("cargo:private")}" download' in page
    assert '<th scope="col">Origin country</th>' in page


def test_the_home_page_of_an_empty_database_tells_how_to_fill_it(client, db):
    assert "python manage.py demo" in client.get("/").content.decode()


def test_the_home_page_asks_no_other_host(client, cargo):
    page = client.get("/").content.decode()
    assert "//" not in page.replace("<!doctype html>", "")


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
