import threading
import time

import pytest
from django.db import DatabaseError, connection, transaction

from streamreports.backends.registry import explain_error
from tests.backends.failing import BY_SLOW_CLIENTS, execute, explanation_of_failing

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="For PostgreSQL.")


def explanation_of_raising(sqlstate, message):
    """Return the cause of an error of PostgreSQL's that says what it is told to.

    For what one server alone, of this version and language, has no reason to say.
    """
    raising = f"RAISE EXCEPTION '{message}' USING ERRCODE = '{sqlstate}'"
    return explanation_of_failing(f"DO $$ BEGIN {raising}; END $$")


def test_statement_timeout(own_connection):
    explanation = explanation_of_failing("SET statement_timeout = 100", "SELECT pg_sleep(20)")
    assert explanation == f"PostgreSQL's statement_timeout ended it{BY_SLOW_CLIENTS}"


def test_what_a_statement_timeout_led_to_is_explained(own_connection):
    def clean_up():
        try:
            execute("SET statement_timeout = 100", "SELECT pg_sleep(20)")
        finally:
            raise LookupError("nothing to replace_unencodable up")

    with pytest.raises(LookupError) as caught:
        clean_up()
    assert explain_error(caught.value).startswith("PostgreSQL's statement_timeout ended it")


def test_a_statement_cancelled_by_somebody_is_not_explained(own_connection):
    connection.ensure_connection()
    cancel = threading.Timer(0.2, connection.connection.cancel_safe)
    cancel.start()
    assert explanation_of_failing("SELECT pg_sleep(20)") == ""
    cancel.join()


def test_statement_timeout_in_another_language(own_connection):
    explanation = explanation_of_raising("57014", "storniere Anfrage wegen Zeitüberschreitung")
    assert explanation == (
        f"A user cancelled it, or PostgreSQL's statement_timeout ended it{BY_SLOW_CLIENTS}"
    )


def test_idle_in_transaction_session_timeout(own_connection):
    def pause():
        with transaction.atomic():
            execute("SET idle_in_transaction_session_timeout = 100")
            time.sleep(2)
            execute("SELECT 1")

    with pytest.raises(DatabaseError) as caught:
        pause()
    assert explain_error(caught.value) == (
        f"PostgreSQL's idle_in_transaction_session_timeout ended it{BY_SLOW_CLIENTS}"
    )


def test_transaction_timeout_of_postgresql_17(own_connection):
    explanation = explanation_of_raising(
        "25P04", "terminating connection due to transaction timeout"
    )
    assert explanation == f"PostgreSQL's transaction_timeout ended it{BY_SLOW_CLIENTS}"


def test_conflict_with_recovery_on_a_standby(own_connection):
    explanation = explanation_of_raising(
        "40001", "canceling statement due to conflict with recovery"
    )
    assert explanation == (
        "PostgreSQL's max_standby_streaming_delay or max_standby_archive_delay ended it: raise"
        " it on this standby, set hot_standby_feedback there, or read from the primary."
    )


def test_other_serialization_failures_are_not_explained(own_connection):
    assert explanation_of_raising("40001", "could not serialize access") == ""
