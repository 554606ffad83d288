"""Check the list views that have a file."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage
from django.db.models import Model, QuerySet
from django.views.generic.list import BaseListView

from streamreports.checks.background import check_background
from streamreports.checks.columns import bind_all
from streamreports.columns.listing import require_columns
from streamreports.discovery import view_of, view_urls
from streamreports.exceptions import ColumnError, ReportError
from streamreports.pages import ReportListMixin


def list_views() -> Iterator[ReportListMixin]:
    """Yield the list views of the URLconf that have a file."""
    for url in view_urls():
        if (view := view_of(url.callback, ReportListMixin)) is not None:
            yield view


def check_bases(view: ReportListMixin) -> Iterator[CheckMessage]:
    """Yield an error if the mixin comes after the list view, whose methods then take precedence."""
    name, bases = type(view).__name__, type(view).__mro__
    if BaseListView in bases and bases.index(BaseListView) < bases.index(ReportListMixin):
        problem = f"{name}: ReportListMixin comes after the list view, and has no effect."
        yield ReportError(problem, f"Write class {name}(ReportListMixin, ...).").as_message("E014")


def check_list_background(view: ReportListMixin) -> Iterator[CheckMessage]:
    """Yield the errors in the background settings of a list view."""
    yield from check_background(view.report_view_class(list_view=view, background=view.background))


def check_list_columns(view: ReportListMixin) -> Iterator[CheckMessage]:
    """Yield the errors in the columns of a list view."""
    owner = f"{type(view).__name__}.report_columns"
    if type(view).get_report_columns is not ReportListMixin.get_report_columns:
        return
    try:
        columns = require_columns(view.get_report_columns())
    except ColumnError as error:
        yield error.within(owner).as_message("E003")
    except ReportError as error:
        yield error.as_message("E002")
    else:
        rows = base_rows(view)
        if rows is not None:
            is_base = type(view).get_queryset is not BaseListView.get_queryset
            yield from bind_all(rows, columns, owner, [], is_base=is_base)


def base_rows(view: Any) -> QuerySet[Any] | None:
    """Return the queryset that the rows of a list probably begin with."""
    if isinstance(view.queryset, QuerySet):
        return view.queryset
    model: type[Model] | None = view.model
    return None if model is None else model._base_manager.all()


LIST_CHECKS = (check_bases, check_list_background, check_list_columns)
