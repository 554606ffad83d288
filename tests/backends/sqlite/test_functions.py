"""The functions that every connection to SQLite has."""

import pytest
from django.db import connection

from streamreports.backends.sqlite.functions import BLOB_TEXT

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="For SQLite.")


def test_a_new_connection_has_the_functions(db):
    """A report is counted before it is read, for example."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT {BLOB_TEXT}(x'00', 0)")
            assert cursor.fetchone() == ("AA==",)
    finally:
        other.close()
