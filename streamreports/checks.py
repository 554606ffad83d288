"""System checks: report the errors in report views when the project starts."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.core.checks import CheckMessage
from django.db.models import QuerySet
from django.db.models.base import ModelBase
from django.views.generic import ListView

from streamreports.columns.base import Column
from streamreports.columns.bound import BoundColumn
from streamreports.columns.listing import as_column, bind, duplicates, name_errors, require_columns
from streamreports.columns.specifications import format_error
from streamreports.columns.suggestions import is_typo
from streamreports.discovery import report_views
from streamreports.exceptions import (
    ColumnError,
    OrderingError,
    PoolError,
    ReportError,
    UnknownNameError,
)
from streamreports.formats.base import Format
from streamreports.reports import Report
from streamreports.responses import MINIMUMS, create_format, validate_number
from streamreports.streaming.connections import get_pool_limit
from streamreports.views import StreamingReportView

# Attributes of ListView that a report has no use for, and what to do instead.
IGNORED = {
    "allow_empty": "A report without rows has a header only. Raise Http404 in get_queryset().",
    "context_object_name": "A report renders no template.",
    "paginate_by": "A report has all rows. Slice the queryset, or set max_rows.",
    "paginate_orphans": "A report has all rows.",
}

UNKNOWN: Any = object()


def check_report_views(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return the errors in the report views of the URLconf, each message once."""
    messages: list[CheckMessage] = []
    for view in report_views():
        for error in check_view(view):
            if error not in messages:
                messages.append(error)
    return messages


def check_view(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in a view.

    A view may need a request for any of its attributes and methods. Such a view raises here, and
    what it needs the request for is known at run time only: it is neither an error nor guessed.
    """
    for check in CHECKS:
        try:
            yield from check(view)
        except Exception:  # noqa: BLE001, S112
            continue


def check_formats(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in the view's formats."""
    if is_declared(view, "get_format", "get_formats"):
        try:
            for format_class in view.get_formats():
                create_format(format_class, f"{type(view).__name__}.formats")
        except ReportError as error:
            yield message("E004", error)


def check_queryset(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in the view's model, queryset or ordering."""
    if not is_declared(view, "get_report", "get_queryset", "get_ordering"):
        return
    try:
        view.get_queryset()
    except ReportError as error:
        yield message("E005" if isinstance(error, OrderingError) else "E001", error)


# Columns


def check_columns(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in the view's columns."""
    if not is_declared(view, "get_report", "get_columns"):
        return
    owner = f"{type(view).__name__}.columns"
    try:
        columns = require_columns(view.get_columns())
    except ColumnError as error:
        yield message("E003", error.within(owner))
        return
    except ReportError as error:
        yield message("E002", error)
        return
    bound: list[BoundColumn] = []
    if (queryset := declared_queryset(view)) is not None:
        yield from bind_all(queryset, columns, owner, bound)
    elif (queryset := base_queryset(view)) is not None:
        yield from bind_all(queryset, columns, owner, bound, is_base=True)
    for found in filter(None, map(format_error, bound)):
        yield message("E003", found.within(owner))
    for found in duplicates(bound):
        yield warning("W003", found.within(owner))
    for format_class in formats_with_names(view):
        for found in name_errors(bound, format_class.__name__):
            yield message("E008", found.within(owner))


def bind_all(
    queryset: QuerySet[Any],
    columns: Sequence[Any],
    owner: str,
    bound: list[BoundColumn],
    *,
    is_base: bool = False,
) -> Iterator[CheckMessage]:
    """Append the columns that a queryset provides to a list; yield the errors in the others.

    ``is_base``: the view has a ``get_queryset()`` of its own, so that the queryset of the report
    may have more annotations.
    """
    for entry in columns:
        try:
            bound.append(bind(entry, queryset))
        except ColumnError as error:
            if not is_base or not isinstance(entry, (str, Column)):
                yield message("E003", error.within(owner))
            elif is_probably_wrong(error, as_column(entry)):
                hint = f"{error.hint} Ignore this if get_queryset() annotates it."
                yield warning("W002", ColumnError(error.problem, hint).within(owner))
        except Exception:  # noqa: BLE001, S112  An expression of the project may need a request.
            continue
    if len(bound) == len(columns) and not is_base:
        try:
            Report(queryset, columns)
        except ColumnError as error:
            yield message("E003", error.within(owner))


def is_probably_wrong(error: ColumnError, column: Column) -> bool:
    """Return True for an error that an annotation of the name would hardly explain."""
    if not isinstance(column.source, str):
        return False
    if isinstance(error, UnknownNameError):
        meant, is_name = error.suggestion, re.fullmatch(r"\w+", column.source)
        return meant is not None and (not is_name or is_typo(column.source, meant))
    return True


def formats_with_names(view: StreamingReportView) -> list[type[Format]]:
    """Return the formats of the view that refer to columns by name."""
    if not is_declared(view, "get_format", "get_formats"):
        return []
    return [format_class for format_class in view.get_formats() if format_class.needs_names]


def declared_queryset(view: StreamingReportView) -> QuerySet[Any] | None:
    """Return the queryset of a view whose attributes say all of it, None if it is not known."""
    if not is_declared(view, "get_queryset"):
        return None
    try:
        queryset = view.get_queryset()
    except Exception:  # noqa: BLE001  check_queryset() has reported what can be known.
        return None
    return queryset if isinstance(queryset, QuerySet) else None


def base_queryset(view: StreamingReportView) -> QuerySet[Any] | None:
    """Return the queryset that the view's own ``get_queryset()`` probably begins with."""
    queryset, model = value_of(view, "queryset"), value_of(view, "model")
    if isinstance(queryset, QuerySet):
        return queryset
    is_known = isinstance(model, ModelBase) and queryset in (None, UNKNOWN)
    return QuerySet(model) if is_known else None


# Numbers and attributes


def check_numbers(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in the view's numbers, such as its limits."""
    for name in MINIMUMS:
        if (value := value_of(view, name)) is not UNKNOWN:
            try:
                validate_number(type(view).__name__, name, value)
            except ReportError as error:
                yield message("E006", error)


def check_pool(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield an error if a report would take the last connection of a pool."""
    queryset = declared_queryset(view)
    if queryset is not None:
        try:
            get_pool_limit(queryset.db)
        except PoolError as error:
            yield message("E007", error)


def check_ignored(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield a warning for each attribute of ListView that has no effect on a report."""
    for name, cure in IGNORED.items():
        value = value_of(view, name)
        if value is not UNKNOWN and value != getattr(ListView, name):
            problem = f"{type(view).__name__}.{name} has no effect."
            yield warning("W004", ReportError(problem, f"Remove it. {cure}"))


CHECKS = (
    check_formats,
    check_queryset,
    check_columns,
    check_numbers,
    check_pool,
    check_ignored,
)


# The server


def check_server(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return the errors in the choice of the server, if the settings tell which it is."""
    if not apps.is_installed("daphne"):
        return []
    return [
        checks.Warning(
            "daphne leaves the client of a report that fails waiting for ever, and holds in memory"
            " what a slow client has not read.",
            hint="Serve reports by another server, such as uvicorn or gunicorn.",
            id="streamreports.W001",
        )
    ]


# Helpers


def is_declared(view: StreamingReportView, *hooks: str) -> bool:
    """Return True if the view overrides none of some hooks, so that its attributes say all."""
    return all(getattr(type(view), hook) is getattr(StreamingReportView, hook) for hook in hooks)


def value_of(view: StreamingReportView, name: str) -> Any:
    """Return an attribute of a view, UNKNOWN for a property that needs a request."""
    try:
        return getattr(view, name)
    except Exception:  # noqa: BLE001
        return UNKNOWN


def message(number: str, error: ReportError) -> CheckMessage:
    """Return an error of this app."""
    return checks.Error(error.problem, hint=error.hint, id=f"streamreports.{number}")


def warning(number: str, error: ReportError) -> CheckMessage:
    """Return a warning of this app."""
    return checks.Warning(error.problem, hint=error.hint, id=f"streamreports.{number}")
