"""Limit the time that statements take in MariaDB and MySQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def limit_statements(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Terminate statements that take longer; MySQL supports this only for SELECT."""
    is_mariadb = connection.mysql_is_mariadb  # type: ignore[attr-defined]
    # In seconds and in milliseconds; 0 is no limit.
    variable = "max_statement_time" if is_mariadb else "max_execution_time"
    limit = max(0.001, seconds) if is_mariadb else max(1, round(seconds * 1000))
    connection.ensure_connection()
    before = get_variable(connection, variable)
    set_variable(connection, variable, min(limit, before or limit))
    try:
        yield
    finally:
        if connection.connection is not None:
            set_variable(connection, variable, before)


# Django's cursor runs no statement in a transaction that must be rolled back.


def get_variable(connection: BaseDatabaseWrapper, variable: str) -> float:
    """Return a variable of the session."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(f"SELECT @@SESSION.{variable}")
        value: float = cursor.fetchone()[0]
    return value


def set_variable(connection: BaseDatabaseWrapper, variable: str, value: float) -> None:
    """Set a variable of the session."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(f"SET SESSION {variable} = %s", [value])
