"""List views that can be downloaded as a report."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import View
from django.views.generic.list import MultipleObjectMixin

from streamreports.background import is_export
from streamreports.columns import Column
from streamreports.exceptions import ReportError
from streamreports.filters import RecordingQueryDict, validate_filters
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from streamreports.pages.links import file_links
from streamreports.views import StreamingReportView
from streamreports.views.streams import exempt_from_transactions


class ListReportView(StreamingReportView):
    """Respond with a file of the rows of a list view, on all pages.

    ``list_view``: the list view, set up for the request. The parameters that it reads to create its
    queryset are known automatically; list others in ``parameters``.
    """

    ordering_param = None  # The list has its own ordering.

    list_view: Any = None

    def get_columns(self) -> Sequence[Column | str]:
        """Return the columns of the list view."""
        columns: Sequence[Column | str] = self.list_view.get_report_columns()
        return columns

    def get_formats(self) -> Sequence[type[Format]]:
        """Return the formats of the list view."""
        formats: Sequence[type[Format]] = self.list_view.report_formats
        return formats

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows of the list; add the errors of its forms to the parameters."""
        view, query = self.list_view, self.request.GET
        recorder = RecordingQueryDict(query)
        for own in (self.format_param, self.columns_param, self.ordering_param):
            recorder.pop(own or "", None)  # The list may depend on whether there are parameters.
        self.request.GET = recorder  # type: ignore[assignment]
        try:
            queryset: QuerySet[Any] = view.get_report_queryset()
            for form in view.get_report_forms():
                validate_filters(form, self.query_parameters)
        finally:
            self.request.GET = query
        self.query_parameters.admit([*recorder.read, view.page_kwarg])
        return queryset


class ReportListMixin(MultipleObjectMixin, View):  # type: ignore[type-arg]
    """Add a file to a list view, such as Django's ``ListView`` or django-filter's ``FilterView``.

    A request that names a format gets the rows of all pages, with the permissions of the page.
    Unknown and invalid parameters of such a request are rejected with 400.

    ``report_columns``: the columns to export, as strings and ``Column`` objects.
    ``report_formats``: the available formats, as subclasses of ``Format``; the first is the
    default.
    ``report_view_class``: a subclass of ``ListReportView``, for limits and the file name.
    ``background``: whether users may run the report in the background.

    The context contains ``report_url``, the URL of the file in the default format;
    ``report_formats``, the ``name``, ``label`` and ``url`` of each format; and
    ``report_background_url``, the URL that starts an export, or None.
    """

    report_columns: Sequence[Column | str] | None = None
    report_formats: Sequence[type[Format]] = [CsvFormat]
    report_view_class: type[ListReportView] = ListReportView
    background: bool = False

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, exempt from ATOMIC_REQUESTS: rows are read after it has returned."""
        return exempt_from_transactions(super().as_view(**initkwargs))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the page; the file if the request names a format or belongs to an export."""
        view = self.get_report_view()
        if is_export(request) or view.query_parameters.values(view.format_param):
            return view.get(request, *args, **kwargs)
        page: HttpResponseBase = super().get(request, *args, **kwargs)  # type: ignore[misc]
        return page

    def get_report_view(self) -> ListReportView:
        """Return the view of the file, set up for the request."""
        view_class = create_view_class(type(self), self.report_view_class)  # type: ignore[arg-type]
        view = view_class(list_view=self, background=self.background)
        view.setup(self.request, *self.args, **self.kwargs)
        return view

    def get_report_columns(self) -> Sequence[Column | str]:
        """Return the columns to export.

        Raises ReportError if ``report_columns`` is missing.
        """
        if self.report_columns is None:
            name = type(self).__name__
            raise ReportError(
                f"{name} is missing report_columns.",
                f"Define {name}.report_columns, or override {name}.get_report_columns().",
            )
        return self.report_columns

    def get_report_queryset(self) -> QuerySet[Any]:
        """Return the rows of the list, on all pages.

        The list's own ``get()`` is not called: if it sets attributes that ``get_queryset()`` reads,
        override this method to set them. The report's own parameters, such as ``format``, are not
        in ``request.GET``.
        """
        if hasattr(self, "get_filterset_class") and hasattr(self, "get_filterset"):
            self.filterset = self.get_filterset(self.get_filterset_class())
            rows: QuerySet[Any] = self.filterset.qs
            return rows
        return self.get_queryset()

    def get_report_forms(self) -> Iterable[BaseForm]:
        """Return the forms that validate the request.

        By default, these are the bound forms and the forms of filter sets in the attributes of the
        view, where filtering views store them.
        """
        forms = [getattr(value, "form", None) or value for value in vars(self).values()]
        return [form for form in forms if isinstance(form, BaseForm) and form.is_bound]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the URLs of the files."""
        view = self.get_report_view()
        query = self.request.GET.copy()
        query.pop(self.page_kwarg, None)
        links = file_links(self.request.path, query, view.format_param, self.report_formats)
        return super().get_context_data(
            report_url=links[0]["url"],
            report_formats=links,
            report_background_url=view.get_background_url(),
            **kwargs,
        )


@cache
def create_view_class(
    list_view_class: type[ReportListMixin], base: type[ListReportView]
) -> type[ListReportView]:
    """Return the view class of a list's file, with its own name in logs and its own limits."""
    attributes = {"__module__": list_view_class.__module__}
    return type(f"{list_view_class.__name__}ReportView", (base,), attributes)
