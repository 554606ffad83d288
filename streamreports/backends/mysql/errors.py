"""Identify the setting of MariaDB or MySQL that terminated a report."""

import traceback

from streamreports.backends.base.errors import timed_out

NET_WRITE = "net_write_timeout of MariaDB or MySQL"

STATEMENT_TIMEOUTS = {  # by error number
    1969: "MariaDB's max_statement_time",
    3024: "MySQL's max_execution_time",
}
TIMEOUTS = {1161: NET_WRITE, **STATEMENT_TIMEOUTS}
LOST_CONNECTION = 2013


def explain_error(error: BaseException) -> str:
    """Return the cause of an error of mysqlclient, and how to avoid it; "" if unknown."""
    number = number_of(error)
    if number in TIMEOUTS:
        return timed_out(TIMEOUTS[number])
    if number == LOST_CONNECTION and was_fetching(error):
        # The server closes the connection without an error, as on shutdown.
        return f"The connection was lost between rows; most likely {timed_out(NET_WRITE)}"
    return ""


def was_fetching(error: BaseException) -> bool:
    """Return True if an error was raised while rows were fetched, after the query had started."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name == "_fetch_row" for frame, _ in frames)


def is_timeout(error: BaseException) -> bool:
    """Return True for the error that a statement exceeded its time limit."""
    return number_of(error) in STATEMENT_TIMEOUTS


def number_of(error: BaseException) -> int | None:
    """Return the number of an error of mysqlclient; None for other errors."""
    is_driver_error = type(error).__module__.startswith("MySQLdb")
    return error.args[0] if is_driver_error and error.args else None
