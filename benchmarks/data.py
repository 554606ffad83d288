"""Fill the table. The rows are kept between runs."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.db.utils import OperationalError

from benchmarks.models import FIELDS, Cargo, Carrier, Shipment

SEEDS = 10_000  # rows created in Python; the others are copies of them
CARRIERS = 50  # to which the shipments belong
CITIES = [
    "Hamburg", "Rotterdam", "Singapore", "Shanghai", "Valparaíso", "Göteborg", "上海", "Le Havre",
]  # fmt: skip
ADDRESSES = [
    "Chicago, IL", "Los Angeles, CA", "São Paulo, SP", "Gdańsk, ul. Długa 5", "Toronto, ON",
]  # fmt: skip
GOODS = ["Coffee", "Machine parts", "Bananas", "Soya beans", "Steel coils", "Crème fraîche", "Tea"]
QUOTED = ['Pipes, 5"', 'Wine "Grand Cru"', 'Screws, 3/8", zinc']
FORMULAS = ["=SUM(A1:A9)", "+49 40 123456", "-12 degrees", "@home"]


def fill(rows: int) -> None:
    """Make sure that the table contains at least the rows with the keys from 1 to ``rows``."""
    create_database()
    if Cargo._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Cargo)
    existing = Cargo._default_manager.aggregate(last=Max("pk"))["last"] or 0
    if existing >= rows:
        return
    if not existing:
        existing = min(rows, SEEDS)
        Cargo._default_manager.bulk_create(seeds(existing), batch_size=1000)
    while existing < rows:
        added = min(existing, rows - existing)
        copy(existing, added)
        existing += added
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {'TABLE ' * (connection.vendor == 'mysql')}{Cargo._meta.db_table}")


def fill_shipments(rows: int) -> None:
    """Make sure that the table with a relation contains so many rows."""
    tables = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in (Carrier, Shipment):
            if model._meta.db_table not in tables:
                editor.create_model(model)
    if Shipment._default_manager.count() == rows:
        return
    Carrier._default_manager.all().delete()
    names = [f"Carrier {number}" for number in range(CARRIERS)]
    carriers = Carrier._default_manager.bulk_create(Carrier(name=name) for name in names)
    Shipment._default_manager.bulk_create(
        Shipment(pk=number, commodity="Tea", carrier=carriers[number % CARRIERS])
        for number in range(1, rows + 1)
    )


def copy(existing: int, added: int) -> None:
    """Append copies of the first ``added`` rows to the ``existing`` ones."""
    table = Cargo._meta.db_table
    names = ", ".join(name for name in FIELDS if name != "id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, {names})"  # noqa: S608
            f" SELECT id + {existing}, {names} FROM {table} WHERE id <= {added}"
        )


def seeds(count: int) -> list[Cargo]:
    """Return rows of which two thirds contain a comma and a tenth a double quote.

    One row in twenty has null values, and one in a hundred a text that looks like a formula.
    """
    choose = random.Random(20261120)  # noqa: S311
    start = datetime(2026, 1, 1, tzinfo=UTC)

    def address() -> str:
        return choose.choice(ADDRESSES if choose.random() < 0.4 else CITIES)

    def picked_up_at(number: int) -> datetime:
        seconds = choose.randrange(30_000_000)
        microseconds = choose.randrange(10**6) if number % 10 == 0 else 0
        return start + timedelta(seconds=seconds, microseconds=microseconds)

    return [
        Cargo(
            pk=number,
            commodity=choose.choice(commodities(number)),
            origin=address(),
            destination=address(),
            weight=Decimal(choose.randrange(1, 10**9)) / 1000,
            price=None if number % 20 == 3 else Decimal(choose.randrange(1, 10**6)) / 100,
            picked_up_at=None if number % 20 == 7 else picked_up_at(number),
            insured=choose.random() < 0.5,
        )
        for number in range(1, count + 1)
    ]


def commodities(number: int) -> list[str]:
    """Return the texts to choose from for a row."""
    if number % 10 == 0:
        return QUOTED
    return FORMULAS if number % 100 == 1 else GOODS


def create_database() -> None:
    """Create the benchmark's own database if it does not exist."""
    try:
        connection.ensure_connection()
    except OperationalError:
        if connection.vendor == "sqlite":
            raise
        name = settings.DATABASES["default"]["NAME"]
        connection.close()
        settings_dict = connection.settings_dict
        settings_dict["NAME"] = "postgres" if connection.vendor == "postgresql" else ""
        try:
            with connection.cursor() as cursor:
                charset = " CHARACTER SET utf8mb4" * (connection.vendor == "mysql")
                cursor.execute(f"CREATE DATABASE {name}{charset}")
        finally:
            connection.close()
            settings_dict["NAME"] = name
