"""Check the permissions of a view's columns and filters."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.core.checks import CheckMessage

from streamreports.checks.declared import is_declared
from streamreports.exceptions import ReportError
from streamreports.views import StreamingReportView


def check_permissions(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in the permissions of columns and filters."""
    name = type(view).__name__
    given = {f"{name}.filter_permissions": set((view.filter_permissions or {}).values()) - {None}}
    if is_declared(view, "get_columns"):
        given[f"{name}.columns"] = {column.permission for column in view.declared_columns} - {None}
    for owner, permissions in given.items():
        for permission in sorted(permissions, key=str):
            yield from permission_errors(owner, permission)


def permission_errors(owner: str, permission: object) -> Iterator[CheckMessage]:
    """Yield what is wrong with a permission, as far as the models tell.

    Other permissions than those of models may exist in the database.
    """
    known = known_permissions()
    if not isinstance(permission, str) or permission.count(".") != 1:
        problem = f"{owner}: {permission!r} is not a permission."
        hint = "Write it as '<app label>.<codename>', such as 'cargo.view_price'."
        yield ReportError(problem, hint).as_message("E013")
    elif permission not in known:
        for meant in get_close_matches(permission, known, n=1, cutoff=0.85):
            problem = f"{owner}: no model has the permission {permission!r}."
            yield ReportError(problem, f"Did you mean {meant!r}?").as_message("W006")


def known_permissions() -> set[str]:
    """Return the permissions that the models define, and those to export them."""
    return {
        f"{model._meta.app_label}.{codename}"
        for model in apps.get_models()
        for codename in (
            *(get_permission_codename(action, model._meta) for action in ("export", "view")),
            *(get_permission_codename(a, model._meta) for a in model._meta.default_permissions),
            *(codename for codename, _ in model._meta.permissions),
        )
    }


def check_filter_permissions(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the names in filter_permissions that no filter has, and filters that may need one."""
    owner = type(view).__name__
    filterset_class, permissions = view.get_filterset_class(), view.filter_permissions or {}
    filters: Mapping[str, object] = getattr(filterset_class, "base_filters", {})
    for name in permissions:
        if name not in filters:
            hint = f"Choose from: {', '.join(filters) or 'none'}."
            problem = f"{owner}.filter_permissions: no filter is named {name!r}."
            yield ReportError(problem, hint).as_message("E013")
    has_private = is_declared(view, "get_columns") and any(
        column.permission for column in view.declared_columns
    )
    for name, each in filters.items() if has_private else ():
        if getattr(each, "method", None) is not None and name not in permissions:
            yield ReportError(
                f"{owner}: the filter {name!r} has a method, and may reveal the values of"
                " columns that a user may not see.",
                f"Give it a permission in {owner}.filter_permissions, or None if it reveals"
                " nothing.",
            ).as_message("W007")
