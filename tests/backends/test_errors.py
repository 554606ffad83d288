"""The causes are told from errors that a real database gave."""

import threading
import time

import pytest
from django.db import DatabaseError, connection, connections, transaction

from streamreports.backends.base.errors import cause_of
from streamreports.backends.base.session import open_session

in_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own.")
in_mariadb = pytest.mark.skipif(connection.vendor != "mysql", reason="MariaDB's own.")

BY_SLOW_CLIENTS = (
    ": raise it for reports (a client that reads slowly counts too; a proxy that buffers takes it"
    " off the database)."
)


def cause_of_failing(*statements):
    """Return the cause of what the last of some statements raises."""
    with pytest.raises(DatabaseError) as caught:
        execute(*statements)
    return cause_of(caught.value)


def execute(*statements):
    """Run some statements."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def cause_of_raising(sqlstate, message):
    """Return the cause of an error of PostgreSQL's that says what it is told to.

    For what one server alone, of this version and language, has no reason to say.
    """
    raising = f"RAISE EXCEPTION '{message}' USING ERRCODE = '{sqlstate}'"
    return cause_of_failing(f"DO $$ BEGIN {raising}; END $$")


def cause_of_signal(code, message):
    """Return the cause of an error of MariaDB's that says what it is told to."""
    return cause_of_failing(
        "BEGIN NOT ATOMIC SIGNAL SQLSTATE '70100'"
        f" SET MYSQL_ERRNO = {code}, MESSAGE_TEXT = '{message}'; END"
    )


def test_errors_of_no_database_have_no_cause():
    assert cause_of(ValueError(2013, "canceling statement due to statement timeout")) == ""


@pytest.mark.django_db
def test_a_mistake_in_a_query_has_no_cause():
    assert cause_of_failing("SELECT nothing FROM nowhere") == ""


def test_errors_that_led_to_each_other_in_a_circle_have_no_cause():
    first, second = ValueError(), ValueError()
    first.__context__, second.__context__ = second, first
    assert cause_of(first) == ""


@in_postgresql
def test_statement_timeout(own_connection):
    cause = cause_of_failing("SET statement_timeout = 100", "SELECT pg_sleep(20)")
    assert cause == f"PostgreSQL's statement_timeout ended it{BY_SLOW_CLIENTS}"


@in_postgresql
def test_what_a_statement_timeout_led_to_has_its_cause(own_connection):
    def clean_up():
        try:
            execute("SET statement_timeout = 100", "SELECT pg_sleep(20)")
        finally:
            raise LookupError("nothing to replace_unencodable up")

    with pytest.raises(LookupError) as caught:
        clean_up()
    assert cause_of(caught.value).startswith("PostgreSQL's statement_timeout ended it")


@in_postgresql
def test_a_statement_cancelled_by_somebody_has_no_cause(own_connection):
    cancel = threading.Timer(0.2, connection.connection.cancel_safe)
    cancel.start()
    assert cause_of_failing("SELECT pg_sleep(20)") == ""
    cancel.join()


@in_postgresql
def test_statement_timeout_in_another_language(own_connection):
    cause = cause_of_raising("57014", "storniere Anfrage wegen Zeitüberschreitung")
    assert cause == (
        f"Somebody's request, or else: PostgreSQL's statement_timeout ended it{BY_SLOW_CLIENTS}"
    )


@in_postgresql
def test_idle_in_transaction_session_timeout(own_connection):
    def pause():
        with transaction.atomic():
            execute("SET idle_in_transaction_session_timeout = 100")
            time.sleep(2)
            execute("SELECT 1")

    with pytest.raises(DatabaseError) as caught:
        pause()
    assert cause_of(caught.value) == (
        f"PostgreSQL's idle_in_transaction_session_timeout ended it{BY_SLOW_CLIENTS}"
    )


@in_postgresql
def test_transaction_timeout_of_postgresql_17(own_connection):
    cause = cause_of_raising("25P04", "terminating connection due to transaction timeout")
    assert cause == f"PostgreSQL's transaction_timeout ended it{BY_SLOW_CLIENTS}"


@in_postgresql
def test_conflict_with_recovery_on_a_standby(own_connection):
    cause = cause_of_raising("40001", "canceling statement due to conflict with recovery")
    assert cause == (
        "PostgreSQL's max_standby_streaming_delay or max_standby_archive_delay ended it: raise"
        " it on this standby, set hot_standby_feedback there, or read from the primary."
    )


@in_postgresql
def test_other_serialization_failures_have_no_cause(own_connection):
    assert cause_of_raising("40001", "could not serialize access") == ""


@in_mariadb
def test_net_write_timeout(own_connection):
    def stall():
        with open_session("default") as source:
            source.fetch(lambda: execute("SET net_write_timeout = 1"))
            rows = source.fetch(lambda: connections["default"].cursor())
            source.fetch(lambda: rows.execute("SELECT repeat('x', 1000) FROM seq_1_to_1000000"))
            time.sleep(4)
            while source.fetch(lambda: rows.fetchmany(1000)):
                pass

    with pytest.raises(DatabaseError) as caught:
        stall()
    assert cause_of(caught.value) == (
        "The connection was lost between rows; most likely net_write_timeout of MariaDB or MySQL"
        f" ended it{BY_SLOW_CLIENTS}"
    )


@in_mariadb
def test_a_connection_lost_while_nothing_was_read_has_no_cause(own_connection):
    kill = f"KILL CONNECTION {connection.connection.thread_id()}"
    other = connection.copy()
    other.inc_thread_sharing()

    def end():
        with other.cursor() as cursor:
            cursor.execute(kill)
        other.close()

    killing = threading.Timer(0.2, end)
    killing.start()
    assert cause_of_failing("SELECT sleep(20)", "SELECT 1") == ""
    killing.join()


@in_mariadb
def test_max_statement_time(own_connection):
    cause = cause_of_failing(
        "SET SESSION max_statement_time = 0.1",
        "SELECT count(*) FROM seq_1_to_100000 a, seq_1_to_100000 b",
    )
    assert cause == f"MariaDB's max_statement_time ended it{BY_SLOW_CLIENTS}"


@in_mariadb
@pytest.mark.parametrize(
    ("code", "setting"),
    [
        (1161, "net_write_timeout of MariaDB or MySQL"),
        (3024, "MySQL's max_execution_time"),
    ],
)
def test_errors_that_name_their_setting(own_connection, code, setting):
    assert cause_of_signal(code, "timed out") == f"{setting} ended it{BY_SLOW_CLIENTS}"
