"""System checks: what is wrong with a report view is said at start-up, with the cure."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db.models import QuerySet
from django.urls import URLPattern, URLResolver, get_resolver

from streamreports.exceptions import ColumnError, ReportError
from streamreports.reports import Report, bind
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
        for error in (*check_format(view), *check_queryset(view), *check_columns(view)):
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
    """Yield what is wrong with the view's format."""
    if is_declared(view, "get_format"):
        try:
            view.get_format()
        except ReportError as error:
            yield message("E004", error.problem, error.hint)


def check_queryset(view: StreamingReportView) -> Iterator[Error]:
    """Yield what is wrong with the view's model, queryset or ordering."""
    name = type(view).__name__
    if not is_declared(view, "get_queryset", "get_ordering"):
        return
    try:
        if not isinstance(queryset := view.get_queryset(), QuerySet):
            error = view.not_a_queryset(queryset)
            yield message("E001", error.problem, error.hint)
    except ImproperlyConfigured as error:
        problem, hint = str(error).split(". ", 1)
        yield message("E001", f"{problem}.", hint)
    except AttributeError:
        hint = f"Define {name}.model as a class of your models."
        yield message("E001", f"{name}.model is {view.model!r}, which is no model.", hint)
    except FieldError as error:
        problem, hint = str(error).split(". ", 1)
        yield message("E005", f"{name}.ordering: {problem}.", hint)


def check_columns(view: StreamingReportView) -> Iterator[Error]:
    """Yield what is wrong with the view's columns, each in its queryset."""
    if not is_declared(view, "get_columns"):
        return
    try:
        columns = view.get_columns()
    except ReportError as error:
        yield message("E002", error.problem, error.hint)
        return
    if not is_declared(view, "get_queryset", "get_ordering") or any(check_queryset(view)):
        return
    queryset, errors = view.get_queryset(), []
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


def is_declared(view: StreamingReportView, *hooks: str) -> bool:
    """Tell whether the view leaves some hooks as they are, so that its attributes tell all."""
    return all(getattr(type(view), hook) is getattr(StreamingReportView, hook) for hook in hooks)


def message(id: str, problem: str, hint: str) -> Error:
    """Return an error of this app."""
    return Error(problem, hint=hint, id=f"streamreports.{id}")
