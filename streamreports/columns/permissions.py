"""Leave out the columns that a user may not see."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied

from streamreports.columns.base import Column
from streamreports.columns.listing import as_column
from streamreports.exceptions import ReportError

HasPermission = Callable[[Column], bool]


def has_permission(user: Any, permission: str | None) -> bool:
    """Return True if a user has a permission, or if none is required; the user may be None."""
    return permission is None or (user is not None and bool(user.has_perm(permission)))


def user_permissions(user: Any) -> HasPermission:
    """Return a function that returns True for the columns that a user may see.

    ``user``: any object with ``has_perm()``; None if there is no user. The function then raises
    ReportError for a column that requires a permission.
    """

    def is_permitted(column: Column) -> bool:
        if user is None and column.permission is not None:
            raise ReportError(
                f"The column {column.described} requires the permission {column.permission!r}.",
                "Say who reads the report: Report(..., user=request.user).",
            )
        return has_permission(user, column.permission)

    return is_permitted


def permitted(columns: Iterable[Column | str], has_permission: HasPermission) -> list[Column]:
    """Return the columns that a function admits; raise PermissionDenied if there are none."""
    admitted = [column for column in map(as_column, columns) if has_permission(column)]
    if not admitted:
        raise PermissionDenied("The user may see none of the columns.")
    return admitted
