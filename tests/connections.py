"""Look at the sessions of the database from outside."""

import time

from django.db import connection


def open_transactions():
    """Return what other sessions last did in a transaction that they have not ended.

    Where one is closed without a word, its server takes a moment to notice. Only PostgreSQL has a
    transaction under a report.
    """
    if connection.vendor != "postgresql":
        return []
    deadline = time.monotonic() + 5
    while (statements := _statements_in_transactions()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return statements


def _statements_in_transactions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT query FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
        )
        return [query for (query,) in cursor.fetchall()]
