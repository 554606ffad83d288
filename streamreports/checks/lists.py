"""Check the list views that have a file."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage
from django.db.models import Model, QuerySet
from django.views.generic.list import BaseListView

from streamreports.checks.background import check_background
from streamreports.checks.columns import bind_all
from streamreports.columns.listing import require_columns
from streamreports.discovery import view_urls
from streamreports.exceptions import ColumnError, ReportError
from streamreports.pages import ReportListMixin


def list_views() -> Iterator[ReportListMixin]:
    """Yield the list views of the URLconf that have a file."""
    for url in view_urls():
        view_class = getattr(url.callback, "view_class", None)
        if isinstance(view_class, type) and issubclass(view_class, ReportListMixin):
            yield view_class(**getattr(url.callback, "view_initkwargs", {}))


def check_list(view: ReportListMixin) -> Iterator[CheckMessage]:
    """Yield the errors in the file of a list view."""
    name, bases = type(view).__name__, type(view).__mro__
    if BaseListView in bases and bases.index(BaseListView) < bases.index(ReportListMixin):
        problem = f"{name}: ReportListMixin comes after the list view, and has no effect."
        yield ReportError(problem, f"Write class {name}(ReportListMixin, ...).").as_message("E014")
    yield from check_background(view.report_view_class(list_view=view, background=view.background))
    if type(view).get_report_columns is not ReportListMixin.get_report_columns:
        return
    try:
        columns = require_columns(view.get_report_columns())
    except ColumnError as error:
        yield error.within(f"{name}.report_columns").as_message("E003")
    except ReportError as error:
        yield error.as_message("E002")
    else:
        rows = base_rows(view)
        if rows is not None:
            is_base = type(view).get_queryset is not BaseListView.get_queryset
            owner = f"{name}.report_columns"
            yield from bind_all(rows, columns, owner, [], is_base=is_base)


def base_rows(view: Any) -> QuerySet[Any] | None:
    """Return the queryset that the rows of a list probably begin with."""
    if isinstance(view.queryset, QuerySet):
        return view.queryset
    model: type[Model] | None = view.model
    return None if model is None else model._base_manager.all()
