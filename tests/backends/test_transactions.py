import pytest
from django.db import DatabaseError, connection, connections, transaction

from streamreports.backends.base.backend import Backend
from streamreports.backends.registry import get_backend
from tests.models import Maker


def test_a_transaction_is_opened_and_ended(own_connection):
    with get_backend(own_connection).open_transaction():
        assert own_connection.in_atomic_block
    assert not own_connection.in_atomic_block


def test_a_transaction_that_is_open_is_used(db):
    with transaction.atomic():
        savepoints = list(connections["default"].savepoint_ids)
        with get_backend(connections["default"]).open_transaction():
            assert connections["default"].savepoint_ids == savepoints


def test_a_session_in_the_transaction_reads_through_the_connection(own_connection):
    backend = get_backend(own_connection)
    with backend.open_transaction(), backend.open_session(has_related_queries=True) as session:
        assert session.connection is own_connection


def test_the_transaction_of_a_vendor_that_is_not_known(own_connection):
    with Backend(own_connection).open_transaction():
        assert own_connection.in_atomic_block


@pytest.mark.skipif(connection.vendor != "postgresql", reason="For PostgreSQL.")
def test_the_transaction_of_postgresql_only_reads(own_connection):
    with (
        pytest.raises(DatabaseError, match="read-only"),
        get_backend(own_connection).open_transaction(),
    ):
        Maker.objects.create()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="For SQLite.")
def test_the_transaction_of_sqlite_locks_nothing(own_connection, monkeypatch):
    """With IMMEDIATE, as many projects set it, a reader would wait for writers."""
    monkeypatch.setattr(own_connection, "transaction_mode", "IMMEDIATE")
    own_connection.force_debug_cursor = True
    own_connection.queries_log.clear()
    with get_backend(own_connection).open_transaction():
        assert own_connection.transaction_mode == "IMMEDIATE"
    own_connection.force_debug_cursor = False
    assert own_connection.queries_log[0]["sql"] == "BEGIN"
