"""Describe a report as far as it is known without a request."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from streamreports.checks.declared import base_queryset
from streamreports.columns import Column
from streamreports.columns.listing import as_column, require_columns
from streamreports.discovery import ViewURL
from streamreports.formats.base import create_format
from streamreports.reports import Report
from streamreports.views import StreamingReportView

T = TypeVar("T")


def describe(url: ViewURL, view: StreamingReportView) -> dict[str, str]:
    """Return the name, view, model, columns and reader of a report, by their titles.

    Values that need a request are described as unknown.
    """
    queryset = known(view.get_queryset)
    columns = known(lambda: [as_column(entry) for entry in require_columns(view.get_columns())])
    rows = base_queryset(view) if queryset is None else queryset
    unknown = _("unknown without a request")
    return {
        _("name"): url.name or _("none"),
        _("view"): f"{type(view).__module__}.{type(view).__qualname__}",
        _("model"): unknown if rows is None else rows.model._meta.label,
        _("columns"): ", ".join(map(name_of, columns)) if columns else unknown,
        _("reader"): known(lambda: reader_of(view, queryset, columns)) or unknown,
    }


def known(function: Callable[[], T]) -> T | None:
    """Return the result of a function; None if it raises, since it may need a request."""
    try:
        return function()
    except Exception:  # noqa: BLE001  A method of the project may raise anything.
        return None


def name_of(column: Column) -> str:
    """Return the name of a column, its label, or its source."""
    return column.key or str(column.label or "") or column.described


def reader_of(view: StreamingReportView, queryset: Any, columns: Any) -> str:
    """Return how the rows are read for the default format of a view."""
    report = Report(queryset, columns, has_permission=lambda column: True)
    return report.explain(create_format(view.get_formats()[0], "formats")).reader
