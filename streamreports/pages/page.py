"""The content of a report's page: the form, the first rows, and links to the files."""

from collections.abc import Hashable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.views.generic.base import ContextMixin

from streamreports.columns import Column
from streamreports.columns.listing import bind
from streamreports.pages.canonical import names_in
from streamreports.pages.forms import (
    Choice,
    add_errors,
    column_choices,
    label_parts,
    ordering_choices,
)
from streamreports.pages.installation import require_app
from streamreports.pages.links import address, file_links
from streamreports.previews import Preview, preview_report
from streamreports.previews.preview import PREVIEWED_ROWS, TIME_LIMIT
from streamreports.problems import Errors
from streamreports.reports import Report
from streamreports.streaming.slots import acquire_slot
from streamreports.views import StreamingReportView


class PageMixin(ContextMixin, StreamingReportView):
    """Render the page of a report.

    ``template_name``: the template of the page.
    ``preview_rows``: the number of rows on the page. ``preview_time_limit``: the time limit in
    seconds for reading the rows and counting them. Parts that take longer are left out of the page.
    ``max_concurrent_previews``: the limit per process; if no slot becomes available within the time
    limit, the page has no preview. None for no limit.
    ``index_url``: the URL of a list of reports that the page links to. None for no link.
    """

    template_name: str = "streamreports/report.html"
    preview_rows: int = PREVIEWED_ROWS
    preview_time_limit: float = TIME_LIMIT
    max_concurrent_previews: int | None = 4
    index_url: str | Promise | None = None

    filterset: Any = None

    def render_page(self, errors: Errors | None = None, status: int = 200) -> HttpResponseBase:
        """Return the page; if there are errors, it has no rows and files."""
        headers = {**self.get_headers(), "X-Content-Type-Options": "nosniff"}
        if self.request.method == "HEAD":
            return HttpResponse(status=status, headers=headers)
        context = self.get_context_data(errors=errors or {})
        return TemplateResponse(
            self.request, self.get_template_names(), context, status=status, headers=headers
        )

    def get_template_names(self) -> list[str]:
        """Return the templates of the page; the first one that exists is rendered.

        Raises ReportError if ``"streamreports"`` is not in INSTALLED_APPS.
        """
        require_app(type(self).__name__)
        return [self.template_name]

    def get_context_data(self, *, errors: Errors | None = None, **kwargs: Any) -> dict[str, Any]:
        """Return the context of the page's template."""
        context = {
            "is_valid": not errors,
            "page_url": address(self.request.path, self.request.GET),
            "reset_url": address(self.request.path, QueryDict()),
            "title": self.get_title(),
            "description": self.get_description(),
            **self.get_form_context(errors or {}),
        }
        if not errors:
            context |= self.get_results_context()
        return super().get_context_data(**{**context, **kwargs})

    # The form

    def get_form_context(self, errors: Errors) -> dict[str, Any]:
        """Return the parts of the form, with their errors."""
        report: Report | None = getattr(self, "report", None)
        if report is None:  # get_queryset() has rejected the parameters.
            return {"errors": errors}
        filters = None if self.filterset is None else self.filterset.form
        others = dict(errors)
        if filters is not None:
            others = add_errors(filters, self.query_parameters.query, errors)
            label_parts(filters)
        return {
            "filters": filters,
            "columns": self.get_column_choices(report.queryset),
            "default_columns": ",".join(column.key for column in self.permitted_columns),
            "column_errors": others.pop(self.columns_param or "", ()),
            "ordering": self.get_ordering_choices(report.queryset),
            "ordering_errors": others.pop(self.ordering_param or "", ()),
            "kept_parameters": [
                (name, value)
                for name in self.parameters or ()
                for value in self.query_parameters.values(name)
            ],
            "errors": others,
            "has_field_errors": len(others) < len(errors),
        }

    def get_column_choices(self, queryset: QuerySet[Any]) -> list[Choice]:
        """Return the columns that the request may choose from."""
        if self.columns_param is None:
            return []
        columns = {column.key: column for column in self.get_selectable_columns()}
        chosen = [
            name for name in names_in(self.request.GET, self.columns_param) if name in columns
        ]
        default = [column.key for column in self.permitted_columns]
        return column_choices(labels(columns, queryset), list(dict.fromkeys(chosen)) or default)

    def get_ordering_choices(self, queryset: QuerySet[Any]) -> list[Choice]:
        """Return the orderings that the request may choose from."""
        if self.ordering_param is None:
            return []
        columns = {column.key: column for column in self.permitted_columns}
        names = self.get_ordering_fields(queryset)
        fields = {name: columns.get(name, Column(name)) for name in names}
        chosen = names_in(self.request.GET, self.ordering_param)
        return ordering_choices(labels(fields, queryset), chosen)

    # The rows and the files

    def get_results_context(self) -> dict[str, Any]:
        """Return the first rows, and links to the files."""
        preview = self.get_preview()
        rows = [] if preview is None else preview.rows
        columns = [] if preview is None else preview.columns
        cells = [cell for row in rows for cell in row]
        return {
            "preview": preview,
            "preview_rows": [list(zip(columns, row, strict=True)) for row in rows],
            "max_rows": self._exceeded_max_rows(preview),
            "has_escaped_cells": any(cell.is_escaped for cell in cells),
            "has_separators": any(
                cell.text != cell.original for cell in cells if not cell.is_escaped
            ),
            "is_filtered": not set(self.request.GET) <= {self.columns_param, self.ordering_param},
            "downloads": file_links(
                self.request.path, self.request.GET, self.format_param, self.get_formats()
            ),
            "background_url": self.get_background_url(),
        }

    def get_preview(self) -> Preview | None:
        """Return the first rows of the report; None if too many previews are running."""
        limit = self.max_concurrent_previews
        limits: dict[Hashable, int] = {} if limit is None else {(type(self), "preview"): limit}
        slot = acquire_slot(limits, self.preview_time_limit)
        if slot is None:
            return None
        try:
            return preview_report(
                self.report,
                self.format,
                rows=self.preview_rows,
                time_limit=self.preview_time_limit,
            )
        finally:
            slot.release()

    def _exceeded_max_rows(self, preview: Preview | None) -> int | None:
        """Return the limit of rows if the report probably exceeds it; otherwise None."""
        count, limit = preview and preview.count, self.get_max_rows()
        return limit if count and limit is not None and count.number > limit else None


def labels(columns: Mapping[str, Column], queryset: QuerySet[Any]) -> dict[str, str]:
    """Return the labels of columns by name."""
    return {name: bind(column, queryset).label for name, column in columns.items()}
