"""Check the reports of a ModelAdmin."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin import ModelAdmin
from django.core.checks import CheckMessage
from django.db.models import QuerySet

from streamreports.admin.columns import report_column
from streamreports.admin.permissions import permission_of
from streamreports.columns.listing import as_column, bind, require_columns
from streamreports.exceptions import ColumnError, ReportError
from streamreports.formats.base import create_format


def check_admin(model_admin: Any) -> Iterator[CheckMessage]:
    """Yield the errors in the reports of a ModelAdmin."""
    yield from check_permission(model_admin)
    for number, check in {"E003": require_bound, "E004": require_formats}.items():
        try:
            check(model_admin)
        except ReportError as error:
            yield error.as_message(number, type(model_admin))


def check_permission(model_admin: Any) -> Iterator[CheckMessage]:
    """Yield a message that names the export permission if ``migrate`` does not create it."""
    owner, options = type(model_admin), model_admin.opts
    permission = permission_of(options)
    if not apps.is_installed("streamreports"):
        yield ReportError(
            f"{owner.__name__} exports reports, but 'streamreports' is not installed: it has no"
            f" template, and the permission '{permission}' is not created.",
            "Add 'streamreports' to INSTALLED_APPS, and run migrate.",
        ).as_message("E011", owner)
    elif apps.get_app_config(options.app_label).models_module is None:
        yield ReportError(
            f"The permission '{permission}' is not created: migrate creates none for the app"
            f" '{options.app_label}', which has no models module.",
            "Create it in a migration, or override has_report_permission().",
        ).as_message("W005", owner)


def require_bound(model_admin: Any) -> None:
    """Raise ReportError for columns that the model cannot provide."""
    if model_admin.report_columns is None:
        return
    owner = f"{type(model_admin).__name__}.report_columns"
    is_annotated = type(model_admin).get_queryset is not ModelAdmin.get_queryset
    try:
        for entry in require_columns(model_admin.report_columns):
            column = as_column(report_column(entry, model_admin))
            if not is_annotated:
                bind(column, QuerySet(model_admin.model))
    except ColumnError as error:
        raise error.within(owner) from error


def require_formats(model_admin: Any) -> None:
    """Raise ReportError for anything but a list of formats."""
    owner = f"{type(model_admin).__name__}.report_formats"
    formats = model_admin.report_formats
    if not isinstance(formats, (list, tuple)) or not formats:
        raise ReportError(f"{owner} is {formats!r}.", "Define it as a list of formats.")
    for format_class in formats:
        create_format(format_class, owner)
