"""Check the query parameters of a view."""

from collections.abc import Iterator

from django.core.checks import CheckMessage
from django.http import QueryDict

from streamreports.checks.declared import declared_queryset, is_declared
from streamreports.columns.base import Column
from streamreports.columns.listing import repeated
from streamreports.exceptions import ColumnError, ReportError
from streamreports.filters import parameters_of
from streamreports.views import StreamingReportView
from streamreports.views.columns import sortable


def check_selectable_columns(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield an error for each name in selectable_columns that no column of the view has."""
    if not is_declared(view, "get_columns", "get_selectable_columns"):
        return
    keys = [column.key for column in view.declared_columns]
    name = f"{type(view).__name__}.selectable_columns"
    selectable = view.selectable_columns
    if isinstance(selectable, str):
        error = ReportError(f"{name} is {selectable!r}.", f"Write [{selectable!r}], or True.")
        yield error.as_message("E010")
    elif selectable is not None and not isinstance(selectable, bool):
        for key in selectable:
            if key not in keys:
                hint = f"Choose from: {', '.join(filter(None, keys))}."
                yield ReportError(f"{name}: no column is named {key!r}.", hint).as_message("E010")
    elif selectable:
        for key in repeated(filter(None, keys)):
            problem = f"{name}: several columns are named {key!r}."
            hint = 'Give each column a unique name: Column(..., name="...").'
            yield ReportError(problem, hint).as_message("E010")


def check_ordering_fields(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield an error for each entry of ordering_fields that the database cannot order by."""
    name = f"{type(view).__name__}.ordering_fields"
    fields = view.ordering_fields
    if isinstance(fields, str):
        yield ReportError(f"{name} is {fields!r}.", f"Write [{fields!r}].").as_message("E010")
        return
    queryset = declared_queryset(view)
    if queryset is not None and is_declared(view, "get_columns", "filter_queryset"):
        columns = {column.key: column for column in view.declared_columns}
        for field in fields or ():
            try:
                sortable(queryset, columns.get(field, Column(field)))
            except ColumnError as error:
                yield error.within(name).as_message("E010")


def check_selection(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield an error if the request cannot filter or order the queryset."""
    queryset = declared_queryset(view)
    if queryset is not None and (view.get_filterset_class() or view.ordering_fields):
        try:
            view.require_selectable(queryset)
        except ReportError as error:
            yield error.as_message("E010")


def check_parameters(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield an error for each filter or parameter that has the name of one of the view's own."""
    owner = f"{type(view).__name__}.parameters"
    if isinstance(view.parameters, str):
        hint = f"Write [{view.parameters!r}]."
        yield ReportError(f"{owner} is {view.parameters!r}.", hint).as_message("E010")
        return
    filterset_class = view.get_filterset_class()
    names = list(view.parameters or ())
    if filterset_class is not None:
        form = filterset_class(QueryDict(), queryset=declared_queryset(view)).form
        for field in form.fields:
            names += parameters_of(form, field, QueryDict()).read
    for attribute in ("columns_param", "ordering_param", "format_param", "page_param"):
        if (own := getattr(view, attribute)) in names:
            owner = type(view).__name__
            yield ReportError(
                f"{owner}: the parameter {own!r} is that of {owner}.{attribute} and of a filter.",
                f"Rename the filter, or set {owner}.{attribute} to another name or None.",
            ).as_message("E009")
