"""Python functions that SQLite calls."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from streamreports.escaping import escape_formula
from streamreports.values import base64_text

BLOB_TEXT = "streamreports_blob_text"


def register_functions(connection: BaseDatabaseWrapper) -> None:
    """Add the functions to an open connection that does not have them yet.

    SQLite refuses to replace a function while a statement is running.
    """
    with connection.wrap_database_errors:
        driver = connection.connection
        try:
            driver.execute(f"SELECT {BLOB_TEXT}(NULL, 0)").close()
        except connection.Database.OperationalError:  # type: ignore[attr-defined]
            driver.create_function(BLOB_TEXT, 2, blob_text, deterministic=True)


@receiver(connection_created)
def register_in_new(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Add the functions to a connection to SQLite when it is opened, for whatever reads it."""
    if connection.vendor == "sqlite":
        register_functions(connection)


def blob_text(value: bytes | None, escape_formulas: int) -> str | None:
    """Return the text of a BLOB in a column of text, as Python prints bytes."""
    if value is None:
        return None
    text = base64_text(value)
    return escape_formula(text) if escape_formulas else text
