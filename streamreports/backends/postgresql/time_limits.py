"""Limit the time that statements take in PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.postgresql.session import read_only_transaction

# Both in milliseconds; 0 is no timeout. A longer timeout than the one in force changes nothing.
SHORTEN = (
    "SELECT setting, set_config('statement_timeout',"
    " LEAST(NULLIF(setting::bigint, 0), %s)::text, true)"
    " FROM pg_settings WHERE name = 'statement_timeout'"
)
RESTORE = "SELECT set_config('statement_timeout', %s, true)"


@contextmanager
def limit_statements(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """End statements that take longer, in a transaction that only reads.

    If a transaction is open already, a savepoint keeps it usable after an error.
    """
    if not connection.in_atomic_block:
        with read_only_transaction(connection):
            shorten_timeout(connection, seconds)
            yield
        return
    with transaction.atomic(using=connection.alias):
        before = shorten_timeout(connection, seconds)
        yield
        with connection.cursor() as cursor:  # The end of a savepoint does not restore it.
            cursor.execute(RESTORE, [before])


def shorten_timeout(connection: BaseDatabaseWrapper, seconds: float) -> str:
    """Set statement_timeout until the transaction ends; return what it was."""
    with connection.cursor() as cursor:
        cursor.execute(SHORTEN, [max(1, round(seconds * 1000))])
        before: str = cursor.fetchone()[0]
    return before
