"""Look at the sessions of the database from outside, and use it from another thread."""

import threading
import time

from django.db import connection, connections


def in_thread(function):
    """Return what a function returns, or raises, in a new thread, which closes its connections."""
    results = []

    def work():
        try:
            results.append(function())
            hang_up()
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return results[-1]


def hang_up(*aliases):
    """Close some or all connections of this thread, also those to a database in memory."""
    for each in connections.all(initialized_only=True):
        database = each.connection
        if not aliases or each.alias in aliases:
            each.close()
            if each.vendor == "sqlite" and database is not None:
                database.close()


def open_transactions():
    """Return what other sessions last did in a transaction that they have not ended.

    Only PostgreSQL has a transaction under a report.
    """
    return other_sessions("state LIKE 'idle in transaction%'")


def other_sessions(condition="TRUE"):
    """Return what other sessions of the database did last, where it is PostgreSQL.

    One that was closed a moment ago is waited for.
    """
    if connection.vendor != "postgresql":
        return []
    deadline = time.monotonic() + 60
    while (statements := _last_statements(condition)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return statements


def _last_statements(condition):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT query FROM pg_stat_activity WHERE datname = current_database()"
            f" AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND {condition}"
        )
        return [query for (query,) in cursor.fetchall()]
