"""Check the columns of a view."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage
from django.db.models import QuerySet

from streamreports.checks.declared import (
    base_queryset,
    declared_queryset,
    is_declared,
)
from streamreports.columns.base import Column
from streamreports.columns.bound import BoundColumn
from streamreports.columns.listing import as_column, bind, duplicates, name_errors, require_columns
from streamreports.columns.specifications import format_error
from streamreports.columns.suggestions import is_typo
from streamreports.exceptions import ColumnError, ReportError, UnknownNameError
from streamreports.formats.base import Format
from streamreports.reports import Report
from streamreports.views import StreamingReportView


def check_columns(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in the view's columns."""
    if not is_declared(view, "get_report", "get_columns"):
        return
    owner = f"{type(view).__name__}.columns"
    try:
        columns = require_columns(view.get_columns())
    except ColumnError as error:
        yield error.within(owner).as_message("E003")
        return
    except ReportError as error:
        yield error.as_message("E002")
        return
    bound: list[BoundColumn] = []
    if (queryset := declared_queryset(view)) is not None:
        yield from bind_all(queryset, columns, owner, bound)
    elif (queryset := base_queryset(view)) is not None:
        yield from bind_all(queryset, columns, owner, bound, is_base=True)
    for found in filter(None, map(format_error, bound)):
        yield found.within(owner).as_message("E003")
    for found in duplicates(bound):
        yield found.within(owner).as_message("W003")
    for format_class in formats_with_names(view):
        for found in name_errors(bound, format_class.__name__):
            yield found.within(owner).as_message("E008")


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
                yield error.within(owner).as_message("E003")
            elif is_probably_wrong(error, as_column(entry)):
                hint = f"{error.hint} Ignore this if get_queryset() annotates it."
                yield ColumnError(error.problem, hint).within(owner).as_message("W002")
        except Exception:  # noqa: BLE001, S112  An expression of the project may need a request.
            continue
    if len(bound) == len(columns) and not is_base:
        try:
            Report(queryset, columns, has_permission=lambda column: True)
        except ColumnError as error:
            yield error.within(owner).as_message("E003")


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
