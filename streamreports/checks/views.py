"""Check the report views of the URLconf."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage
from django.views.generic import ListView

from streamreports.checks.background import check_background
from streamreports.checks.columns import check_columns
from streamreports.checks.declared import (
    UNKNOWN,
    declared_queryset,
    is_declared,
    run_checks,
    value_of,
)
from streamreports.checks.lists import LIST_CHECKS, list_views
from streamreports.checks.pages import check_page
from streamreports.checks.parameters import (
    check_ordering_fields,
    check_parameters,
    check_selectable_columns,
    check_selection,
)
from streamreports.checks.permissions import check_filter_permissions, check_permissions
from streamreports.discovery import report_views
from streamreports.exceptions import OrderingError, PoolError, ReportError
from streamreports.formats.base import create_format
from streamreports.streaming.compression import require_compressible, validate_compression
from streamreports.streaming.connections import get_pool_limit
from streamreports.streaming.options import MINIMUMS, validate_number
from streamreports.views import StreamingReportView

# The classes of these packages have attributes of their own.
OTHER_PACKAGES = {"builtins", "django", "streamreports"}

# Attributes of ListView and of version 0.1 that have no effect, and what to do instead.
IGNORED = {
    "allow_empty": "A report without rows has a header only. Raise Http404 in get_queryset().",
    "context_object_name": "A report renders no template.",
    "format_class": "List the class in formats.",
    "paginate_by": "A report has all rows. Slice the queryset, or set max_rows.",
    "paginate_orphans": "A report has all rows.",
}


def check_report_views(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return the errors in the report views of the URLconf, each message once."""
    messages: list[CheckMessage] = []
    found = chain(
        *(run_checks(CHECKS, view) for view in report_views()),
        *(run_checks(LIST_CHECKS, view) for view in list_views()),
    )
    for error in found:
        if error not in messages:
            messages.append(error)
    return messages


def check_formats(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in the view's formats."""
    if is_declared(view, "get_format", "get_formats"):
        try:
            for format_class in view.get_formats():
                create_format(format_class, f"{type(view).__name__}.formats")
        except ReportError as error:
            yield error.as_message("E004")


def check_queryset(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in the view's model, queryset or ordering."""
    if not is_declared(view, "get_report", "get_queryset", "get_ordering"):
        return
    try:
        view.get_queryset()
    except ReportError as error:
        yield error.as_message("E005" if isinstance(error, OrderingError) else "E001")


# Numbers and attributes


def check_numbers(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in the view's numbers, such as its limits."""
    for name in MINIMUMS:
        if (value := value_of(view, name)) is not UNKNOWN:
            try:
                validate_number(type(view).__name__, name, value)
            except ReportError as error:
                yield error.as_message("E006")


def check_compression(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield an error if the view's compression is invalid, or has no effect."""
    name, value = type(view).__name__, value_of(view, "compression")
    try:
        if value is not UNKNOWN:
            validate_compression(name, value)
        if value is True and is_declared(view, "get_format", "get_formats"):
            require_compressible(name, view.get_formats())
    except ReportError as error:
        yield error.as_message("E006")


def check_pool(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield an error if a report would take the last connection of a pool."""
    queryset = declared_queryset(view)
    if queryset is not None:
        try:
            get_pool_limit(queryset.db)
        except PoolError as error:
            yield error.as_message("E007")


def check_ignored(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield a warning for each known attribute that has no effect on a report."""
    for name, cure in IGNORED.items():
        value = value_of(view, name)
        if value is not UNKNOWN and value != getattr(ListView, name, UNKNOWN):
            problem = f"{type(view).__name__}.{name} has no effect."
            yield ReportError(problem, f"Remove it. {cure}").as_message("W004")


def check_misspelt(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield a warning for each attribute of the project whose name resembles one of a report."""
    known = {name for name in dir(StreamingReportView) if not name.startswith("_")}
    own = [c for c in type(view).__mro__ if c.__module__.partition(".")[0] not in OTHER_PACKAGES]
    for name, value in ((name, value) for each in own for name, value in vars(each).items()):
        if name in known or name.startswith("_") or callable(value):
            continue
        for meant in get_close_matches(name, known, n=1, cutoff=0.8):
            problem = f"{type(view).__name__}.{name} has no effect."
            yield ReportError(problem, f"Did you mean {meant!r}?").as_message("W004")


CHECKS = (
    check_formats,
    check_queryset,
    check_columns,
    check_selectable_columns,
    check_ordering_fields,
    check_parameters,
    check_selection,
    check_numbers,
    check_compression,
    check_pool,
    check_background,
    check_permissions,
    check_filter_permissions,
    check_ignored,
    check_misspelt,
    check_page,
)
