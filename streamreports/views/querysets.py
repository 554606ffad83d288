"""The rows of a report view: a queryset, filtered by request parameters."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db.models import Model, QuerySet
from django.db.models.base import ModelBase

from streamreports.columns.permissions import has_permission
from streamreports.exceptions import InvalidParametersError, OrderingError, ReportError
from streamreports.filters import hide_filters, validate_filters
from streamreports.views.columns import ColumnsMixin


class QuerysetMixin(ColumnsMixin):
    """Select and order the rows of a report.

    ``model``, ``queryset``, ``ordering``: as in Django's ``ListView``.
    ``filterset_class``: a ``FilterSet`` of django-filter, bound to the query string.
    ``filter_permissions``: the permissions required for filters, by the name of the filter. Filters
    on a column that the user may not see are always removed. A filter with a method does not
    declare its columns, so it needs a permission here, or None.
    """

    model: type[Model] | None = None
    queryset: QuerySet[Any] | None = None
    ordering: str | Sequence[Any] | None = None
    filterset_class: type[Any] | None = None
    filter_permissions: Mapping[str, str | None] | None = None

    filterset: Any

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows of the report, ordered by ``get_ordering()``.

        Raises ReportError if ``model`` and ``queryset`` are missing or of the wrong type, and
        OrderingError if the rows cannot be ordered. If an override raises ValidationError with a
        dictionary of messages by parameter, the response is 400.
        """
        name = type(self).__name__
        if self.queryset is not None:
            self._require_queryset(self.queryset)
            queryset = self.queryset.all()
        elif isinstance(self.model, ModelBase):
            queryset = self.model._default_manager.all()
        elif self.model is not None:
            raise ReportError(
                f"{name}.model is {self.model!r}, which is not a model.",
                f"Define {name}.model as a model class.",
            )
        else:  # as ListView says
            raise ReportError(
                f"{name} is missing a QuerySet.",
                f"Define {name}.model, {name}.queryset, or override {name}.get_queryset().",
            )
        ordering = self.get_ordering()
        return self._ordered(queryset, ordering) if ordering else queryset

    def get_ordering(self) -> str | Sequence[Any] | None:
        """Return the field or fields to order by; None keeps the order of the queryset."""
        return self.ordering

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the filtered queryset, in addition to the filter set.

        List the names of the parameters that this method reads in ``parameters``. If it raises
        ``ValidationError`` with a dictionary of messages by parameter, the response is 400.
        """
        return queryset

    def get_filterset_class(self) -> type[Any] | None:
        """Return the class of the filter set; None for no filters."""
        return self.filterset_class

    def get_filterset(self, queryset: QuerySet[Any]) -> Any:
        """Return a filter set bound to the query string; None for no filters."""
        filterset_class = self.get_filterset_class()
        if filterset_class is None:
            return None
        data = self.query_parameters.query
        return filterset_class(data, queryset=queryset, request=self.request)

    def get_report_queryset(self) -> QuerySet[Any]:
        """Return the rows that the request selects, in the requested order.

        Errors in its parameters are added to ``query_parameters``.

        Raises InvalidParametersError if ``get_queryset()`` raises ValidationError, and ReportError
        if it does not return a queryset, or if ``filter_permissions`` names an unknown filter.
        """
        parameters = self.query_parameters
        try:
            queryset = self.get_queryset()
        except ValidationError as error:
            parameters.add_validation_error(error)
            raise InvalidParametersError(parameters.errors) from error
        self._require_queryset(queryset)
        try:
            queryset = self.filter_queryset(queryset)
        except ValidationError as error:
            parameters.add_validation_error(error)
        self.filterset = self.get_filterset(queryset)
        if self.filterset is not None or self.ordering_fields:
            self.require_selectable(queryset)
        if self.filterset is not None:
            self._hide_filters(queryset)
            validate_filters(self.filterset.form, parameters)
            if not parameters.errors:
                queryset = self.filterset.qs
        return self.order_queryset(queryset)

    def _hide_filters(self, queryset: QuerySet[Any]) -> None:
        """Remove the filters that the user may not use."""
        user, permissions = getattr(self.request, "user", None), self.filter_permissions or {}
        for name in permissions:
            if name not in self.filterset.filters:
                owner = f"{type(self).__name__}.filter_permissions"
                raise ReportError(
                    f"{owner}: no filter is named {name!r}.",
                    f"Choose from: {', '.join(self.filterset.filters)}.",
                )
        hide_filters(
            self.filterset,
            self.get_hidden_sources(queryset),
            lambda name: has_permission(user, permissions.get(name)),
        )

    def require_selectable(self, queryset: QuerySet[Any]) -> None:
        """Raise ReportError for a queryset that can no longer be filtered or ordered."""
        if queryset.query.is_sliced or queryset.query.combinator:
            kind = "a slice" if queryset.query.is_sliced else "a union"
            name = type(self).__name__
            raise ReportError(
                f"The queryset of {name} is {kind}, which cannot be filtered or ordered.",
                f"Remove {name}.filterset_class and {name}.ordering_fields, or select the rows in"
                " another way, such as with max_rows or a Q object.",
            )

    def _ordered(self, queryset: QuerySet[Any], ordering: str | Sequence[Any]) -> QuerySet[Any]:
        """Return the queryset in the given order; raise OrderingError if the order is invalid."""
        try:
            return queryset.order_by(*((ordering,) if isinstance(ordering, str) else ordering))
        except (FieldError, TypeError) as error:
            problem, _, choices = str(error).removesuffix(".").partition(". ")
            raise OrderingError(
                f"{type(self).__name__}.ordering: {problem}.",
                choices or "Use field names. To order a slice, order its queryset.",
            ) from error

    def _require_queryset(self, queryset: object) -> None:
        """Raise ReportError for anything but a queryset."""
        if not isinstance(queryset, QuerySet):
            name = type(self).__name__
            raise ReportError(
                f"The queryset of {name} is a {type(queryset).__name__}.",
                f"Define {name}.queryset as a QuerySet, or return one from {name}.get_queryset().",
            )
