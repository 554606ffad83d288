"""Identify the restriction or the setting of PostgreSQL that terminated a report."""

from streamreports.backends.base.errors import timed_out

QUERY_CANCELED = "57014"

# By SQLSTATE: text of the message, in English, and the setting whose timeout expired.
TIMEOUTS = {
    QUERY_CANCELED: ("statement timeout", "PostgreSQL's statement_timeout"),
    "25P03": ("", "PostgreSQL's idle_in_transaction_session_timeout"),
    "25P04": ("", "PostgreSQL's transaction_timeout"),
}
USER_REQUEST = "user request"  # The message of 57014 when a user cancelled the statement.
READ_ONLY_TRANSACTION = "25006"
SERIALIZATION_FAILURE, RECOVERY_CONFLICT = "40001", "recovery"


def explain_error(error: BaseException) -> str:
    """Return the cause of an error of psycopg, and how to avoid it; "" if unknown."""
    sqlstate = sqlstate_of(error)
    message = str(error)
    if sqlstate == SERIALIZATION_FAILURE and RECOVERY_CONFLICT in message:
        return (
            "PostgreSQL's max_standby_streaming_delay or max_standby_archive_delay ended it: raise"
            " it on this standby, set hot_standby_feedback there, or read from the primary."
        )
    if sqlstate == READ_ONLY_TRANSACTION:
        return (
            "PostgreSQL reads a report in a read-only transaction, and a column's function tried to"
            " write (or the queryset has select_for_update()): write when the report has ended, in"
            " a receiver of report_finished, or through another alias in DATABASES."
        )
    if sqlstate not in TIMEOUTS:
        return ""
    text, setting = TIMEOUTS[sqlstate]
    if text in message:
        return timed_out(setting)
    # In other languages the message does not say which of the two it was.
    return "" if USER_REQUEST in message else f"A user cancelled it, or {timed_out(setting)}"


def is_timeout(error: BaseException) -> bool:
    """Return True for the error that a statement took longer than statement_timeout."""
    return sqlstate_of(error) == QUERY_CANCELED and USER_REQUEST not in str(error)


def sqlstate_of(error: BaseException) -> str | None:
    """Return the SQLSTATE of an error of psycopg; None for other errors."""
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
