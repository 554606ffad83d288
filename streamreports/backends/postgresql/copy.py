"""COPY: PostgreSQL writes the CSV itself."""

import secrets
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from streamreports.backends.base.session import ReadSession, one_transaction
from streamreports.reading.rows import RowReader

FIRST_LINES = 100  # rows: so that the first block leaves early
PIECE_SIZE = 64 * 1024  # bytes
PATIENCE = 0.25  # seconds: fewer rows are waited for once they come slower than that

# COPY quotes a text that looks like its null. There are no nulls, and no text looks like this.
NULL = secrets.token_hex(16)

# Until it ends, a COPY holds up every other query of its connection.
OPEN_TRANSACTION = "a transaction is open, which may have other queries to run"

Piece = tuple[int, bytes]


def why_not_copy(reader: RowReader) -> str:
    """Return why COPY cannot read a report, nothing if it can."""
    connection = connections[reader.queryset.db]
    if connection.vendor != "postgresql":
        return "only PostgreSQL has COPY"
    if not is_psycopg3(connection):
        return "psycopg 2 has no COPY that streams"
    if not reader.is_text or reader.query.needs_keys:
        return "some column is not printed by the database"
    if len(reader.columns) == 1:
        return "COPY writes a single column otherwise"
    if connection.in_atomic_block:
        return OPEN_TRANSACTION
    return ""


def is_psycopg3(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether a connection is one of psycopg 3."""
    return connection.Database.__version__.startswith("3")  # type: ignore[attr-defined, no-any-return]


def copied(reader: RowReader, options: str, end: bytes) -> Generator[Piece, None, None]:
    """Yield the rows as CSV lines: how many, and their bytes without the last line end.

    ``options``: those of COPY, besides FORMAT and NULL. ``end``: the line end. The first piece is
    small, the others hold about 64 KiB. Leaving cancels the statement.
    """
    using = reader.queryset.db
    reader.session = ReadSession(connections[using])
    try:
        sql, params = reader.query.records.query.get_compiler(using).as_sql()
    except EmptyResultSet:
        return
    statement = f"COPY ({sql}) TO STDOUT (FORMAT csv, NULL '{NULL}'{options})"
    if not params:  # Then psycopg leaves the signs of percent as they are.
        statement, params = statement.replace("%%", "%"), None
    wanted = FIRST_LINES
    with copy(using, statement, params) as messages:
        since = time.monotonic()
        while lines := list(map(bytes, islice(messages, wanted))):
            piece = as_lines(lines, end)
            yield len(lines), piece
            slow = time.monotonic() - since > PATIENCE
            wanted = wanted // 8 if slow else PIECE_SIZE * len(lines) // len(piece)
            wanted, since = max(1, wanted), time.monotonic()


def as_lines(messages: list[bytes], end: bytes) -> bytes:
    """Return COPY's messages, one a row, with the line end between them."""
    text = b"".join(messages)[:-1]
    if end == b"\n":
        return text
    if text.count(b"\n") == len(messages) - 1:  # No value has a line end of its own.
        return text.replace(b"\n", end)
    return end.join([message[:-1] for message in messages])


@contextmanager
def copy(using: str, statement: str, params: Any) -> Iterator[Iterator[Any]]:
    """Run a COPY as Django runs a query: wrapped, logged, its errors Django's; yield its messages.

    It runs in a transaction, or in a savepoint of the one that is open: what cancels it early
    would leave that one broken.
    """
    from psycopg import ClientCursor  # The server takes no parameters for a COPY.

    connection = connections[using]
    with ExitStack() as stack:
        enter = stack.enter_context
        open_already = connection.in_atomic_block
        enter(transaction.atomic(using=using) if open_already else one_transaction(using))
        enter(connection.wrap_database_errors)
        cursor = enter(connection.cursor())

        def start(sql: str, params: Any, many: bool, context: dict[str, Any]) -> Iterator[Any]:
            driver_cursor = enter(ClientCursor(connection.connection))
            if not connection.queries_logged:
                return iter(enter(driver_cursor.copy(sql, params)))
            with cursor.debug_sql(sql, params):
                return iter(enter(driver_cursor.copy(sql, params)))

        yield cursor._execute_with_wrappers(statement, params, many=False, executor=start)
