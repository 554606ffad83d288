"""The baseline: the database's own command-line client, given the plain columns."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from benchmarks.models import FIELDS, Cargo

Command = tuple[list[str], dict[str, str]]


def select(rows: int) -> str:
    """Return the query that every variant runs."""
    names = ", ".join(FIELDS)
    table = Cargo._meta.db_table
    return f"SELECT {names} FROM {table} WHERE id <= {rows} ORDER BY id"  # noqa: S608


def psql(settings: dict[str, Any], rows: int) -> Command:
    """Return the command line of PostgreSQL's client."""
    env = {
        "PGDATABASE": settings["NAME"],
        "PGHOST": settings["HOST"],
        "PGPORT": settings["PORT"],
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
    }
    copy = f"COPY ({select(rows)}) TO STDOUT (FORMAT csv)"
    return ["psql", "-X", "-q", "-c", copy], {key: value for key, value in env.items() if value}


def sqlite3(settings: dict[str, Any], rows: int) -> Command:
    """Return the command line of SQLite's client."""
    return ["sqlite3", "-csv", settings["NAME"], select(rows)], {}


def mariadb(settings: dict[str, Any], rows: int) -> Command:
    """Return the command line of MariaDB's client, which writes tabs instead of CSV."""
    env = {
        "MYSQL_HOST": settings["HOST"],
        "MYSQL_TCP_PORT": settings["PORT"],
        "MYSQL_PWD": settings["PASSWORD"],
    }
    user = [f"--user={settings['USER']}"] if settings["USER"] else []
    command = ["mariadb", "--batch", "--quick", *user, "-e", select(rows), settings["NAME"]]
    return command, {key: value for key, value in env.items() if value}


@dataclass(frozen=True)
class Client:
    """A command-line client, and the Debian package that has it."""

    program: str
    label: str
    command: Callable[[dict[str, Any], int], Command]
    package: str


CLIENTS = {
    "postgresql": Client("psql", "psql, COPY", psql, "postgresql-client"),
    "sqlite": Client("sqlite3", "sqlite3 -csv", sqlite3, "sqlite3"),
    "mysql": Client("mariadb", "mariadb --batch", mariadb, "mariadb-client"),
}


def missing() -> str:
    """Return how to install the client, or "" if it is installed."""
    client = CLIENTS[connection.vendor]
    if shutil.which(client.program):
        return ""
    return f"{client.program} is not on PATH: apt install {client.package}"


def label() -> str:
    """Return the name of the client for the table."""
    return CLIENTS[connection.vendor].label


def command(rows: int) -> Command:
    """Return the command line and the environment of the client."""
    return CLIENTS[connection.vendor].command(dict(settings.DATABASES["default"]), rows)
