"""Errors in the description of a report; each message says how to fix it."""

from django.core.exceptions import ImproperlyConfigured


class ReportError(ImproperlyConfigured):
    """A report is described wrongly; ``problem`` says how, and ``hint`` how to fix it."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem} {hint}")
        self.problem = problem
        self.hint = hint


class OrderingError(ReportError):
    """The queryset cannot be ordered by the ordering of the view."""


class ColumnError(ReportError):
    """The queryset cannot provide a column."""

    def within(self, owner: str) -> "ColumnError":
        """Return the same error with the owner of the column in front."""
        return ColumnError(f"{owner}: {self.problem}", self.hint)


class UnknownNameError(ColumnError):
    """A column names nothing of its model; ``suggestion`` is the name that was probably meant."""

    def __init__(self, problem: str, hint: str, *, suggestion: str | None = None) -> None:
        super().__init__(problem, hint)
        self.suggestion = suggestion
