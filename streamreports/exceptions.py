"""The exceptions of streamreports. Messages of configuration errors say how to fix them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured


class ReportError(ImproperlyConfigured):
    """A report is misconfigured; ``problem`` says what is wrong, and ``hint`` how to fix it."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem} {hint}")
        self.problem = problem
        self.hint = hint

    def as_message(self, number: str, obj: Any = None) -> checks.CheckMessage:
        """Return the message of a system check: a warning if its number begins with W."""
        message_class = checks.Warning if number.startswith("W") else checks.Error
        return message_class(self.problem, hint=self.hint, obj=obj, id=f"streamreports.{number}")


class OrderingError(ReportError):
    """The queryset cannot be ordered by the ordering of the view."""


class ColumnError(ReportError):
    """The queryset cannot provide a column."""

    def within(self, owner: str) -> "ColumnError":
        """Return the same error, with the owner of the column as a prefix."""
        return ColumnError(f"{owner}: {self.problem}", self.hint)


class UnknownNameError(ColumnError):
    """A column refers to an unknown name; ``suggestion`` is the name that was probably meant."""

    def __init__(self, problem: str, hint: str, *, suggestion: str | None = None) -> None:
        super().__init__(problem, hint)
        self.suggestion = suggestion


class PoolError(ReportError):
    """The connection pool of a database is too small for a report."""


class TransactionError(ReportError):
    """A report runs inside a transaction, which would end before the report has been sent."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} runs inside transaction.atomic, which ends before all of it is sent.",
            "Remove transaction.atomic from the view and its decorators. If ATOMIC_REQUESTS is"
            " set, decorate the view with transaction.non_atomic_requests, and use"
            " functools.wraps in each decorator around it.",
        )


class InvalidParametersError(Exception):
    """Parameters of a request are unknown or invalid.

    ``errors``: the messages by parameter; ``NON_FIELD_ERRORS`` for those about several.
    """

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.errors = {name: list(messages) for name, messages in errors.items()}
        super().__init__(self.errors)


class NotAcceptableError(Exception):
    """The client accepts none of the ``media_types`` of a report."""

    def __init__(self, media_types: Sequence[str]) -> None:
        self.media_types = list(media_types)
        super().__init__(", ".join(media_types))


class TooManyRowsError(Exception):
    """A report has more rows than ``max_rows`` allows."""


class TooManyStreamsError(Exception):
    """No slot for another stream became available in time."""


class TimeLimitError(Exception):
    """A statement exceeded a time limit, or was not started because the limit had passed."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The time limit of {seconds:g} s has passed.")
