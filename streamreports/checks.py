"""System checks: what is wrong with a report view is said at start-up, with the cure."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from streamreports.exceptions import ColumnError, OrderingError, PoolError, ReportError
from streamreports.reports import Report, bind
from streamreports.responses import MINIMUMS, create_format, validate_number
from streamreports.streaming.connections import get_pool_limit
from streamreports.views import StreamingReportView


def check_report_views(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what is wrong with the report views of the URLconf, each message once.

    What a view says in a method of its own is known at run time only, and is not guessed at.
    """
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    messages: list[CheckMessage] = []
    for view in report_views(get_resolver().url_patterns):
        for error in (
            *check_format(view),
            *check_queryset(view),
            *check_columns(view),
            *check_numbers(view),
            *check_pool(view),
        ):
            if error not in messages:
                messages.append(error)
    return messages


def report_views(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[StreamingReportView]:
    """Yield the report views of some URL patterns, made as a request would make them."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from report_views(pattern.url_patterns)
            continue
        view_class = getattr(pattern.callback, "view_class", None)
        if isinstance(view_class, type) and issubclass(view_class, StreamingReportView):
            yield view_class(**getattr(pattern.callback, "view_initkwargs", {}))


def check_format(view: StreamingReportView) -> Iterator[Error]:
    """Yield the errors in the view's formats."""
    if is_declared(view, "get_format", "get_formats"):
        try:
            for format_class in view.get_formats():
                create_format(format_class, f"{type(view).__name__}.formats")
        except ReportError as error:
            yield message("E004", error.problem, error.hint)


def check_queryset(view: StreamingReportView) -> Iterator[Error]:
    """Yield what is wrong with the view's model, queryset or ordering."""
    if not is_declared(view, "get_report", "get_queryset", "get_ordering"):
        return
    try:
        view.get_queryset()
    except ReportError as error:
        number = "E005" if isinstance(error, OrderingError) else "E001"
        yield message(number, error.problem, error.hint)
    except ImproperlyConfigured as error:  # Django's own, for a view that has neither.
        problem, cures = str(error).split(". ", 1)
        yield message("E001", f"{problem}.", cures)
    except Exception:  # noqa: BLE001  A manager may need a request: it is known at run time only.
        return


def check_columns(view: StreamingReportView) -> Iterator[Error]:
    """Yield what is wrong with the view's columns, each in its queryset."""
    if not is_declared(view, "get_report", "get_columns"):
        return
    try:
        columns = view.get_columns()
    except ReportError as error:
        yield message("E002", error.problem, error.hint)
        return
    if not is_declared(view, "get_queryset", "get_ordering"):
        return
    try:
        queryset = view.get_queryset()
    except Exception:  # noqa: BLE001  What can be said of it, check_queryset() has said.
        return
    errors: list[ColumnError] = []
    for column in columns:
        try:
            bind(column, queryset)
        except ColumnError as error:
            errors.append(error)
    if not errors:
        try:
            Report(queryset, columns)
        except ColumnError as error:
            errors.append(error)
    for bad in errors:
        yield message("E003", f"{type(view).__name__}.columns: {bad.problem}", bad.hint)


def check_numbers(view: StreamingReportView) -> Iterator[Error]:
    """Yield the errors in the view's numbers, such as its limits."""
    for name in MINIMUMS:
        try:
            validate_number(type(view).__name__, name, getattr(view, name))
        except ReportError as error:
            yield message("E006", error.problem, error.hint)


def check_pool(view: StreamingReportView) -> Iterator[Error]:
    """Yield an error if a report would take the last connection of a pool."""
    if not is_declared(view, "get_report", "get_queryset", "get_ordering"):
        return
    try:
        using = view.get_queryset().db
        get_pool_limit(using)
    except PoolError as error:
        yield message("E007", error.problem, error.hint)
    except Exception:  # noqa: BLE001  Reported by check_queryset(), or by Django.
        return


def check_server(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what is wrong with the server, where the settings tell which it is."""
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


def is_declared(view: StreamingReportView, *hooks: str) -> bool:
    """Tell whether the view leaves some hooks as they are, so that its attributes tell all."""
    return all(getattr(type(view), hook) is getattr(StreamingReportView, hook) for hook in hooks)


def message(number: str, problem: str, hint: str) -> Error:
    """Return an error of this app."""
    return Error(problem, hint=hint, id=f"streamreports.{number}")
