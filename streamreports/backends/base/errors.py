"""Which setting of the database ended a report, told from the error that it left."""

import traceback
from collections.abc import Iterator

# By SQLSTATE: words of the message, in English, and the setting whose time was over.
POSTGRESQL = {
    "57014": ("statement timeout", "PostgreSQL's statement_timeout"),
    "25P03": ("", "PostgreSQL's idle_in_transaction_session_timeout"),
    "25P04": ("", "PostgreSQL's transaction_timeout"),
}
BY_REQUEST = "user request"
CONFLICT = "40001", "recovery"

NET_WRITE = "net_write_timeout of MariaDB or MySQL"

# By number.
MYSQL = {
    1161: NET_WRITE,
    1969: "MariaDB's max_statement_time",
    3024: "MySQL's max_execution_time",
}
LOST_CONNECTION = 2013


def cause_of(exception: BaseException) -> str:
    """Return which setting of the database ended a report, and the cure; nothing if none did."""
    for error in chain(exception):
        if cause := postgresql_cause(error) or mysql_cause(error):
            return cause
    return ""


def chain(exception: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that led to it: the driver's is behind Django's."""
    seen: set[int] = set()
    while exception is not None and id(exception) not in seen:
        yield exception
        seen.add(id(exception))
        exception = exception.__cause__ or exception.__context__


def postgresql_cause(error: BaseException) -> str:
    """Return what ended a report, from an error of psycopg's."""
    sqlstate = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    message = str(error)
    if sqlstate == CONFLICT[0] and CONFLICT[1] in message:
        return (
            "PostgreSQL's max_standby_streaming_delay or max_standby_archive_delay ended it: raise"
            " it on this standby, set hot_standby_feedback there, or read from the primary."
        )
    if sqlstate not in POSTGRESQL:
        return ""
    words, setting = POSTGRESQL[sqlstate]
    if words in message:
        return ended_by(setting)
    # A server that speaks another language gives one code for both.
    return "" if BY_REQUEST in message else f"Somebody's request, or else: {ended_by(setting)}"


def mysql_cause(error: BaseException) -> str:
    """Return what ended a report, from an error of MariaDB's or MySQL's driver."""
    if not type(error).__module__.startswith("MySQLdb") or not error.args:
        return ""
    code = error.args[0]
    if code in MYSQL:
        return ended_by(MYSQL[code])
    if code == LOST_CONNECTION and was_fetching(error):
        # The server hangs up without a word, as it does when it is shut down.
        return f"The connection was lost between rows; most likely {ended_by(NET_WRITE)}"
    return ""


def was_fetching(error: BaseException) -> bool:
    """Tell whether an error came between the rows, when the query had been answered already."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name == "_fetch_row" for frame, _ in frames)


def ended_by(setting: str) -> str:
    """Return the cause and the cure for a setting whose time was over."""
    return (
        f"{setting} ended it: raise it for reports (a client that reads slowly counts too; a proxy"
        " that buffers takes it off the database)."
    )
