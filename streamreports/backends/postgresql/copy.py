"""COPY: PostgreSQL writes the CSV itself."""

import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from streamreports.backends.postgresql.session import read_only_transaction

FIRST_LINES = 100  # rows: a small first piece, so that the first block is sent early
COPY_PIECE_BYTES = 64 * 1024
SLOW_COPY_SECONDS = 0.25  # if a piece takes longer, the next one has fewer rows


def copy_csv(
    connection: BaseDatabaseWrapper, queryset: QuerySet[Any], options: str, line_end: bytes
) -> Generator[tuple[int, bytes], None, None]:
    """Yield the rows of a queryset as CSV: a number of rows, and their lines.

    ``options``: options of COPY besides FORMAT and NULL. ``line_end``: stands between lines; the
    last line of each piece has none. The first piece is small, the others hold about 64 KiB.
    Closing the generator cancels the statement. An empty text must be null: COPY would quote it.
    """
    try:
        sql, params = queryset.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return
    # Null prints nothing, as in Python.
    statement = f"COPY ({sql}) TO STDOUT (FORMAT csv, NULL ''{options})"
    if not params:  # Without parameters, psycopg does not unescape percent signs.
        statement, params = statement.replace("%%", "%"), None
    wanted = FIRST_LINES
    with copy(connection, statement, params) as messages:
        since = time.monotonic()
        while lines := list(map(bytes, islice(messages, wanted))):
            piece = as_lines(lines, line_end)
            yield len(lines), piece
            slow = time.monotonic() - since > SLOW_COPY_SECONDS
            wanted = wanted // 8 if slow else COPY_PIECE_BYTES * len(lines) // len(piece)
            wanted, since = max(1, wanted), time.monotonic()


def as_lines(messages: list[bytes], line_end: bytes) -> bytes:
    """Return the messages of COPY, each a row, with the line ending between them."""
    text = b"".join(messages)[:-1]
    if line_end == b"\n":
        return text
    if text.count(b"\n") == len(messages) - 1:  # No value contains a line feed.
        return text.replace(b"\n", line_end)
    return line_end.join([message[:-1] for message in messages])


@contextmanager
def copy(
    connection: BaseDatabaseWrapper, statement: str, params: Any
) -> Iterator[Iterator[memoryview]]:
    """Run a COPY as Django runs a query, with wrappers, log and errors; yield its messages.

    It runs in a new transaction. If a transaction is already open, it runs in a savepoint, so that
    the transaction remains usable when the statement is cancelled.
    """
    from psycopg import ClientCursor  # The server does not accept parameters for COPY.

    with ExitStack() as stack:
        enter = stack.enter_context
        if connection.in_atomic_block:
            enter(transaction.atomic(using=connection.alias))
        else:
            enter(read_only_transaction(connection))
        enter(connection.wrap_database_errors)
        cursor = enter(connection.cursor())

        def start(sql: str, params: Any, many: bool, context: dict[str, Any]) -> Iterator[Any]:
            driver_cursor = enter(ClientCursor(connection.connection))
            if not connection.queries_logged:
                return iter(enter(driver_cursor.copy(sql, params)))
            with cursor.debug_sql(sql, params):
                return iter(enter(driver_cursor.copy(sql, params)))

        yield cursor._execute_with_wrappers(statement, params, many=False, executor=start)
