"""The functions that every connection to SQLite has."""

from contextlib import closing

import pytest
from django.db import connection

from streamreports.backends.sqlite.functions import BLOB_TEXT

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="For SQLite.")


def test_a_new_connection_has_the_functions(db):
    """A report is counted before it is read, for example."""
    other = connection.copy()
    other.ensure_connection()
    # The wrapper does not close a database in memory.
    with closing(other.connection) as database:
        text = database.execute(f"SELECT {BLOB_TEXT}(x'00', 0)").fetchone()
    assert text == ("AA==",)
