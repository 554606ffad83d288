"""The limit: what the database's own client takes for the plain columns."""

import shutil
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection

from benchmarks.models import FIELDS, Cargo

Command = tuple[list[str], dict[str, str]]


def select(rows: int) -> str:
    """Return the query that every contender makes."""
    names = ", ".join(FIELDS)
    table = Cargo._meta.db_table
    return f"SELECT {names} FROM {table} WHERE id <= {rows} ORDER BY id"  # noqa: S608


def psql(settings: dict[str, Any], rows: int) -> Command:
    """Return the command of PostgreSQL's client."""
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
    """Return the command of SQLite's client."""
    return ["sqlite3", "-csv", settings["NAME"], select(rows)], {}


def mariadb(settings: dict[str, Any], rows: int) -> Command:
    """Return the command of MariaDB's client; what it writes is tabs, not CSV."""
    env = {
        "MYSQL_HOST": settings["HOST"],
        "MYSQL_TCP_PORT": settings["PORT"],
        "MYSQL_PWD": settings["PASSWORD"],
    }
    user = [f"--user={settings['USER']}"] if settings["USER"] else []
    command = ["mariadb", "--batch", "--quick", *user, "-e", select(rows), settings["NAME"]]
    return command, {key: value for key, value in env.items() if value}


CLIENTS: dict[str, tuple[str, Callable[[dict[str, Any], int], Command], str]] = {
    "postgresql": ("psql", psql, "postgresql-client"),
    "sqlite": ("sqlite3", sqlite3, "sqlite3"),
    "mysql": ("mariadb", mariadb, "mariadb-client"),
}


def missing() -> str:
    """Return what to do so that there is a limit to measure, nothing if there is."""
    program, _command, package = CLIENTS[connection.vendor]
    return "" if shutil.which(program) else f"{program} is not on PATH: apt install {package}"


def name() -> str:
    """Return what the limit is called."""
    return f"limit: {CLIENTS[connection.vendor][0]}"


def command(rows: int) -> Command:
    """Return the command and the environment of the database's own client."""
    return CLIENTS[connection.vendor][1](dict(settings.DATABASES["default"]), rows)
