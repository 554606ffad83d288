"""The databases that the servers read from, looked at from outside."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.servers.processes import ROOT

ROWS = 200_000
FILL = "import django; django.setup(); from benchmarks.data import fill; fill({rows})"


class Database:
    """A database of the tests' own: how the site finds it, and what is going on in it.

    ``environment``: what the servers need to know. ``connection``: to look from.
    """

    def __init__(self, name: str, environment: dict[str, str], connection: Any) -> None:
        self.name = name
        self.environment = environment
        self._connection = connection

    def settled(self, **settings: Any) -> dict[str, str]:
        """Return the environment of a site with these settings of its database."""
        return {**self.environment, "DATABASE_SETTINGS": json.dumps(settings)}

    def sessions(self) -> list[str]:
        """Return what each session of the site does, or did last."""
        raise NotImplementedError

    def busy(self) -> list[str]:
        """Return the statements that run, or whose transaction is open."""
        raise NotImplementedError

    def is_sleeping(self) -> bool:
        """Tell whether the slow query is being run."""
        raise NotImplementedError

    def drop(self) -> None:
        """Drop what there may be of the database."""
        raise NotImplementedError

    def execute(self, sql: str, *params: Any) -> list[Any]:
        """Run a statement, and return the first column of its rows."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(sql, params)
            return [row[0] for row in cursor.fetchall()] if cursor.description else []


class PostgreSQL(Database):
    """Looked at through pg_stat_activity."""

    def __init__(self) -> None:
        import psycopg

        name = os.environ.get("PGDATABASE", "streamreports") + "_servers"
        environment = {"DATABASE": "postgresql", "PGDATABASE": name}
        super().__init__(name, environment, psycopg.connect(dbname="postgres", autocommit=True))

    def sessions(self) -> list[str]:
        return self._activity("TRUE")

    def busy(self) -> list[str]:
        return self._activity("state <> 'idle'")

    def is_sleeping(self) -> bool:
        return bool(self._activity("wait_event = 'PgSleep'"))

    def drop(self) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _activity(self, condition: str) -> list[str]:
        return self.execute(
            "SELECT state || ': ' || left(query, 60) FROM pg_stat_activity WHERE datname = %s"
            f" AND backend_type = 'client backend' AND {condition}",
            self.name,
        )


class MariaDB(Database):
    """Looked at through the list of processes."""

    def __init__(self) -> None:
        import MySQLdb

        name = os.environ.get("MYSQL_DATABASE", "streamreports") + "_servers"
        environment = {"DATABASE": "mysql", "MYSQL_DATABASE": name}
        env = os.environ.get
        where = {
            "user": env("MYSQL_USER"),
            "password": env("MYSQL_PASSWORD") or env("MYSQL_PWD"),
            "host": env("MYSQL_HOST"),
        }
        given = {key: value for key, value in where.items() if value}
        super().__init__(name, environment, MySQLdb.connect(**given, autocommit=True))

    def sessions(self) -> list[str]:
        return self._processes("TRUE")

    def busy(self) -> list[str]:
        return self._processes("command <> 'Sleep'")

    def is_sleeping(self) -> bool:
        return bool(self._processes("state = 'User sleep'"))

    def drop(self) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {self.name}")

    def _processes(self, condition: str) -> list[str]:
        return self.execute(
            "SELECT concat(command, ': ', coalesce(info, '')) FROM information_schema.processlist"
            f" WHERE db = %s AND {condition}",
            self.name,
        )


class SQLite(Database):
    """Looked at through what a checkpoint of the write-ahead log has to wait for."""

    def __init__(self) -> None:
        import sqlite3

        self._folder = tempfile.TemporaryDirectory(prefix="servers-")
        name = str(Path(self._folder.name) / "servers.sqlite3")
        environment = {"DATABASE": "sqlite", "SQLITE_NAME": name}
        connection = sqlite3.connect(name, isolation_level=None, timeout=0)
        super().__init__(name, environment, connection)

    def sessions(self) -> list[str]:
        return self.busy()

    def busy(self) -> list[str]:
        self.execute("UPDATE benchmarks_cargo_addresses SET id = id WHERE id = 1")
        waits = self.execute("PRAGMA wal_checkpoint(TRUNCATE)")[0]
        return ["a reader"] * waits

    def is_sleeping(self) -> bool:
        mark = Path(f"{self.environment['SQLITE_NAME']}.asleep")
        return mark.exists() and time.time() - mark.stat().st_mtime < 0.5

    def drop(self) -> None:
        self._connection.close()
        self._folder.cleanup()


@contextmanager
def filled(kind: type[Database], rows: int = ROWS) -> Iterator[Database]:
    """Yield a database of a kind, whose table has been filled, and drop it."""
    database = kind()
    if kind is not SQLite:
        database.drop()  # What a run left that was killed.
    subprocess.run(
        [sys.executable, "-c", FILL.format(rows=rows)],
        check=True,
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "tests.servers.site.settings",
            **database.environment,
        },
    )
    try:
        yield database
    finally:
        database.drop()
        database._connection.close()


def until(condition: Any, seconds: float = 30) -> bool:
    """Wait until a condition holds, and tell whether it came to."""
    deadline = time.monotonic() + seconds
    while not (held := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(held)
