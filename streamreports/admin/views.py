"""The view that exports a changelist."""

import copy
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import DataError
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from streamreports.admin.changelists import create_report_admin
from streamreports.admin.columns import report_column
from streamreports.admin.lookups import require_valid_lookups
from streamreports.columns import Column
from streamreports.exceptions import InvalidParametersError
from streamreports.formats.base import Format
from streamreports.views import StreamingReportView


class ChangeListReportView(StreamingReportView):
    """Export all rows of a changelist that match its query string, in its order.

    ``model_admin``: the ModelAdmin of the changelist. Unknown and invalid filters are rejected with
    400. A POST request exports the selected rows.
    """

    http_method_names = ["get", "head", "post", "options"]

    is_listed = False
    strict_parameters = False  # The changelist decides.
    columns_param = None  # Filters may have this name.
    ordering_param = None
    page_param = None

    model_admin: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the report if the user may see the changelist and export it.

        Otherwise, raises PermissionDenied.
        """
        admin = self.model_admin
        may_view = admin.has_view_or_change_permission(request)
        if not (may_view and admin.has_report_permission(request)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the report of the selected rows, if their keys are too long for a URL."""
        return self.get(request, *args, **kwargs)

    def respond(self) -> HttpResponseBase:
        """Return the report; an error response if the database rejects the value of a filter."""
        try:
            return super().respond()
        except (DataError, TypeError):  # A driver raises TypeError for a value of a wrong type.
            query = self._get_filters()
            names = [name for name in query if self._is_rejected(name, query.getlist(name))]
            if not names:
                raise
            return self.handle_invalid_parameters(InvalidParametersError(invalid_filters(names)))

    # The report

    @cached_property
    def report_admin(self) -> Any:
        """A copy of the ModelAdmin whose changelists do not count or fetch their rows."""
        return create_report_admin(self.model_admin)

    def get_title(self) -> str:
        """Return the title of the report; by default, the title of the changelist."""
        plural = capfirst(str(self.model_admin.opts.verbose_name_plural))
        return plural if self.title is None else str(self.title)

    def get_columns(self) -> Sequence[Column | str]:
        """Return the columns of the ModelAdmin."""
        admin = self.report_admin
        return [report_column(entry, admin) for entry in admin.get_report_columns(self.request)]

    def get_formats(self) -> Sequence[type[Format]]:
        """Return the formats of the ModelAdmin, the default first."""
        formats: Sequence[type[Format]] = self.model_admin.report_formats
        return formats

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows that the changelist shows, on all pages.

        Raises ValidationError for unknown and invalid filters; the response is then 400.
        """
        query = self._get_filters()
        try:
            return self._select(query)
        except IncorrectLookupParameters as error:
            names = [name for name in query if not self._is_valid(name, query.getlist(name))]
            raise ValidationError(invalid_filters(names)) from error

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the selected rows of a POST request; otherwise all rows.

        Raises ValidationError if a primary key is invalid; the response is then 400.
        """
        if self.request.method != "POST":
            return queryset
        keys = self.request.POST.getlist(ACTION_CHECKBOX_NAME)
        try:
            selected = queryset.filter(pk__in=keys)
            require_valid_lookups(selected, self.request.POST)
        except (ValueError, ValidationError, IncorrectLookupParameters) as error:
            raise ValidationError(_("The selected rows are invalid.")) from error
        return selected

    def _select(self, query: QueryDict) -> QuerySet[Any]:
        """Return the rows of a changelist for a query string; run no query for them."""
        request = copy.copy(self.request)
        request.GET = query  # type: ignore[assignment]
        try:
            rows: QuerySet[Any] = self.report_admin.get_changelist_instance(request).queryset
        except OverflowError as error:  # a year that no date has
            raise IncorrectLookupParameters(error) from error
        require_valid_lookups(rows, query)
        return rows

    def _get_filters(self) -> QueryDict:
        """Return the parameters of the changelist."""
        query = self.request.GET.copy()
        for own in (self.format_param, self.columns_param, self.ordering_param, self.page_param):
            query.pop(own or "", None)
        return query

    def _is_valid(self, name: str, values: list[str]) -> bool:
        """Return True if the changelist accepts a parameter on its own."""
        try:
            self._select(query_with(name, values))
        except IncorrectLookupParameters:
            return False
        return True

    def _is_rejected(self, name: str, values: list[str]) -> bool:
        """Return True if the database rejects a parameter on its own. This runs a query."""
        try:
            self._select(query_with(name, values)).order_by().values("pk").first()
        except (DataError, TypeError):
            return True
        return False


def query_with(name: str, values: list[str]) -> QueryDict:
    """Return a query string with the values of one parameter."""
    query = QueryDict(mutable=True)
    query.setlist(name, values)
    return query


def invalid_filters(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the errors of some filters; if there are none, an error of all of them together."""
    message = _("This filter is unknown, or its value is invalid.")
    return {name: [message] for name in names or [NON_FIELD_ERRORS]}
