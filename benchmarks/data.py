"""Fill the table, and keep it between runs."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.db.utils import OperationalError

from benchmarks.models import FIELDS, Cargo

SEEDS = 10_000  # rows made in Python; the others are their copies
PORTS = [
    "Hamburg", "Rotterdam", "Santos", "Singapore", "Shanghai", "Valparaíso", "Göteborg", "上海",
    "Los Angeles", "Saint Petersburg", "Port Said", "Buenos Aires", "Gdańsk", "Le Havre",
]  # fmt: skip
GOODS = ["Coffee", "Machine parts", "Bananas", "Soya beans", "Steel coils", "Crème fraîche", "Tea"]
QUOTED = ["Tea, green", 'Pipes, 5"', 'Wine "Grand Cru"', "Screws, nuts and bolts"]
FORMULAS = ["=SUM(A1:A9)", "+49 40 123456", "-12 degrees", "@home"]


def fill(rows: int) -> None:
    """Make sure that the table holds the rows with the keys from 1 to ``rows``, at least."""
    create_database()
    if Cargo._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Cargo)
    have = Cargo._default_manager.aggregate(last=Max("pk"))["last"] or 0
    if have >= rows:
        return
    if not have:
        have = min(rows, SEEDS)
        Cargo._default_manager.bulk_create(seeds(have), batch_size=1000)
    while have < rows:
        more = min(have, rows - have)
        copy(have, more)
        have += more
    with connection.cursor() as cursor:
        table = Cargo._meta.db_table
        cursor.execute(f"ANALYZE {'TABLE ' * (connection.vendor == 'mysql')}{table}")


def copy(have: int, more: int) -> None:
    """Copy the first rows behind the last one."""
    table = Cargo._meta.db_table
    names = ", ".join(name for name in FIELDS if name != "id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, {names})"  # noqa: S608
            f" SELECT id + {have}, {names} FROM {table} WHERE id <= {more}"
        )


def seeds(count: int) -> list[Cargo]:
    """Return rows of which one in twenty needs quotes, and one in a hundred defusing."""
    chance = random.Random(20261120)  # noqa: S311
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        Cargo(
            pk=number,
            commodity=chance.choice(commodities(number)),
            origin=chance.choice(PORTS),
            destination=chance.choice(PORTS),
            weight=Decimal(chance.randrange(1, 10**9)) / 1000,
            price=Decimal(chance.randrange(1, 10**6)) / 100,
            picked_up_at=begin
            + timedelta(
                seconds=chance.randrange(30_000_000),
                microseconds=chance.randrange(10**6) * (number % 10 == 0),
            ),
            insured=chance.random() < 0.5,
        )
        for number in range(1, count + 1)
    ]


def commodities(number: int) -> list[str]:
    """Return what a row can hold: most rows are plain."""
    if number % 20 == 0:
        return QUOTED
    return FORMULAS if number % 100 == 1 else GOODS


def create_database() -> None:
    """Create the benchmark's own database where it is missing."""
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
