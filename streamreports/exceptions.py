"""What is wrong with a report, said with the cure."""

from django.core.exceptions import ImproperlyConfigured


class ReportError(ImproperlyConfigured):
    """Tell a problem with how a report was described, and in ``hint`` the cure."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem} {hint}")
        self.problem = problem
        self.hint = hint


class OrderingError(ReportError):
    """Tell that a queryset cannot be ordered as its view says."""


class ColumnError(ReportError):
    """Tell that a column cannot be had from its queryset."""

    def within(self, owner: str) -> "ColumnError":
        """Return the same error, said of what the column belongs to."""
        return ColumnError(f"{owner}: {self.problem}", self.hint)
