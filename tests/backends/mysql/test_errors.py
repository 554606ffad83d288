import threading
import time

import pytest
from django.db import DatabaseError, connection, connections

from streamreports.backends.registry import explain_error, get_backend
from tests.backends.failing import BY_SLOW_CLIENTS, execute, explanation_of_failing

pytestmark = pytest.mark.skipif(connection.vendor != "mysql", reason="For MariaDB.")


def explanation_of_signal(code, message):
    """Return the cause of an error of MariaDB's that says what it is told to."""
    return explanation_of_failing(
        "BEGIN NOT ATOMIC SIGNAL SQLSTATE '70100'"
        f" SET MYSQL_ERRNO = {code}, MESSAGE_TEXT = '{message}'; END"
    )


def test_net_write_timeout(own_connection):
    def stall():
        with get_backend(connections["default"]).open_session() as session:
            session.fetch(lambda: execute("SET net_write_timeout = 1"))
            rows = session.fetch(lambda: connections["default"].cursor())
            session.fetch(lambda: rows.execute("SELECT repeat('x', 1000) FROM seq_1_to_1000000"))
            time.sleep(4)
            while session.fetch(lambda: rows.fetchmany(1000)):
                pass

    with pytest.raises(DatabaseError) as caught:
        stall()
    assert explain_error(caught.value) == (
        "The connection was lost between rows; most likely net_write_timeout of MariaDB or MySQL"
        f" ended it{BY_SLOW_CLIENTS}"
    )


def test_a_connection_lost_while_nothing_was_read_is_not_explained(own_connection):
    connection.ensure_connection()
    kill = f"KILL CONNECTION {connection.connection.thread_id()}"
    other = connection.copy()
    other.inc_thread_sharing()

    def end():
        with other.cursor() as cursor:
            cursor.execute(kill)
        other.close()

    killing = threading.Timer(0.2, end)
    killing.start()
    assert explanation_of_failing("SELECT sleep(20)", "SELECT 1") == ""
    killing.join()


def test_max_statement_time(own_connection):
    explanation = explanation_of_failing(
        "SET SESSION max_statement_time = 0.1",
        "SELECT count(*) FROM seq_1_to_100000 a, seq_1_to_100000 b",
    )
    assert explanation == f"MariaDB's max_statement_time ended it{BY_SLOW_CLIENTS}"


@pytest.mark.parametrize(
    ("code", "setting"),
    [
        (1161, "net_write_timeout of MariaDB or MySQL"),
        (3024, "MySQL's max_execution_time"),
    ],
)
def test_errors_that_name_their_setting(own_connection, code, setting):
    assert explanation_of_signal(code, "timed out") == f"{setting} ended it{BY_SLOW_CLIENTS}"
