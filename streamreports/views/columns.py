"""The columns of a report view: declared, permitted and requested."""

from collections.abc import Container, Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from streamreports.columns import Column
from streamreports.columns.bound import QueryColumn
from streamreports.columns.listing import as_column, bind, require_columns
from streamreports.columns.permissions import has_permission, permitted
from streamreports.columns.sources import HiddenSources
from streamreports.exceptions import ColumnError, ReportError
from streamreports.reports import Report
from streamreports.streaming.options import validate_number
from streamreports.views.parameters import ParametersMixin


class ColumnsMixin(ParametersMixin):
    """Choose the columns of a report, and create it.

    ``columns``: the columns to export, as strings and ``Column`` objects. Nothing else is included.
    ``selectable_columns``: True, or the names of the columns that a request may choose from.
    ``ordering_fields``: the names of columns and lookup paths that a request may order by.
    ``columns_param``, ``ordering_param``: the parameters for columns and ordering; None to disable.
    ``chunk_size``: the number of rows held in memory, and covered by one prefetch query.
    ``report_class``: a subclass of ``Report``.
    """

    columns: Sequence[Column | str] | None = None
    selectable_columns: bool | Sequence[str] | None = False
    ordering_fields: Sequence[str] | None = ()
    columns_param: str | None = "columns"
    ordering_param: str | None = "ordering"
    chunk_size: int = 2000
    report_class: type[Report] = Report

    def get_columns(self) -> Sequence[Column | str]:
        """Return the columns of the report.

        Raises ReportError if ``columns`` is missing.
        """
        if not self.columns:
            name = type(self).__name__
            raise ReportError(
                f"{name} is missing columns.",
                f"Define {name}.columns, or override {name}.get_columns().",
            )
        return self.columns

    def has_column_permission(self, column: Column) -> bool:
        """Return True if the user may see a column; by default, if they have its permission."""
        return has_permission(getattr(self.request, "user", None), column.permission)

    @cached_property
    def declared_columns(self) -> list[Column]:
        """All columns of the report, regardless of the user.

        Raises ColumnError if ``get_columns()`` does not return a list of columns.
        """
        try:
            return [as_column(entry) for entry in require_columns(self.get_columns())]
        except ColumnError as error:
            raise error.within(f"{type(self).__name__}.columns") from error

    @cached_property
    def permitted_columns(self) -> list[Column]:
        """The columns that the user may see; raises PermissionDenied if there are none."""
        return permitted(self.declared_columns, self.has_column_permission)

    @cached_property
    def hidden_columns(self) -> list[Column]:
        """The columns that the user may not see."""
        return [column for column in self.declared_columns if column not in self.permitted_columns]

    def get_selectable_columns(self) -> list[Column]:
        """Return the columns that the request may choose from; empty if there is no choice."""
        selectable = self.selectable_columns or False
        if isinstance(selectable, bool):
            return [column for column in self.permitted_columns if column.key and selectable]
        return [column for column in self.permitted_columns if column.key in selectable]

    def get_selected_columns(self) -> list[Column]:
        """Return the requested columns, in the requested order; by default, all columns.

        Raises PermissionDenied if the request names a column that the user may not see.
        """
        columns = {column.key: column for column in self.get_selectable_columns()}
        names = self.query_parameters.names(
            self.columns_param,
            list(columns),
            forbidden=[column.key for column in self.hidden_columns],
            refusal=_("The columns of this report cannot be chosen."),
        )
        return [columns[name] for name in names] or self.permitted_columns

    def get_hidden_sources(self, queryset: QuerySet[Any]) -> Container[str]:
        """Return a container of the names and paths that the user may not filter or order by."""
        if not self.hidden_columns:
            return ()
        return HiddenSources(queryset, self.hidden_columns, self.permitted_columns)

    def get_ordering_fields(self, queryset: QuerySet[Any]) -> list[str]:
        """Return the names of columns and the lookup paths that the request may order by."""
        hidden = self.get_hidden_sources(queryset)
        return [name for name in self.ordering_fields or () if name not in hidden]

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the queryset in the requested order; by default, return it unchanged.

        Raises PermissionDenied if the request names a column that the user may not see, and
        ColumnError if the database cannot order by a name in ``ordering_fields``.
        """
        fields = self.get_ordering_fields(queryset)
        hidden = set(self.ordering_fields or ()).difference(fields)
        names = self.query_parameters.names(
            self.ordering_param,
            [*fields, *(f"-{field}" for field in fields)],
            forbidden=[*hidden, *(f"-{name}" for name in hidden)],
            refusal=_("The order of this report cannot be chosen."),
        )
        columns = {column.key: column for column in self.permitted_columns}
        ordering = []
        for name in names:
            field = name if name in fields else name[1:]
            try:
                queryset, source = sortable(queryset, columns.get(field, Column(field)))
            except ColumnError as error:
                raise error.within(f"{type(self).__name__}.ordering_fields") from error
            ordering.append(name.removesuffix(field) + source)
        return queryset.order_by(*ordering) if ordering else queryset

    def get_chunk_size(self) -> int:
        """Return the number of rows to hold in memory."""
        return self.chunk_size

    def create_report(self, queryset: QuerySet[Any]) -> Report:
        """Return a report with the queryset and the requested columns.

        Raises ReportError if the chunk size is invalid, and ColumnError if the queryset cannot
        provide a column.
        """
        name, chunk_size = type(self).__name__, self.get_chunk_size()
        validate_number(name, "chunk_size", chunk_size)
        try:
            return self.report_class(
                queryset,
                self.get_selected_columns(),
                has_permission=self.has_column_permission,
                chunk_size=chunk_size,
            )
        except ColumnError as error:
            raise error.within(f"{name}.columns") from error


def sortable(queryset: QuerySet[Any], column: Column) -> tuple[QuerySet[Any], str]:
    """Return a queryset that can be ordered by a column, and the name to order by.

    Raises ColumnError if the database cannot order the rows by the column's values.
    """
    bound = bind(column, queryset)
    if not isinstance(bound, QueryColumn):
        raise ColumnError(
            f"The rows cannot be ordered by {column.described}.",
            "Name fields, paths to one object, annotations and expressions only.",
        )
    if bound.is_path:
        return queryset, bound.expression
    alias = f"_order_{column.key}".replace("-", "_")
    return queryset.alias(**{alias: bound.expression}), alias
