"""The rows of a changelist: all of them, without its pages and counts."""

import copy
from typing import Any

from django.contrib.admin import FieldListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import (
    get_fields_from_path,
    lookup_spawns_duplicates,
    prepare_lookup_value,
)
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import ValidationError
from django.http import HttpRequest

DATE_PARTS = ("year", "month", "day")


def create_report_admin(model_admin: Any) -> Any:
    """Return a copy of a ModelAdmin whose changelists do not count or fetch their rows."""
    clone = copy.copy(model_admin)

    def get_changelist(request: HttpRequest, **kwargs: Any) -> type:
        changelist_class = model_admin.get_changelist(request, **kwargs)
        return type(changelist_class.__name__, (ReportChangeList, changelist_class), {})

    clone.get_changelist = get_changelist
    return clone


class ReportChangeList:
    """Select the rows of a changelist, and reject parameters that a changelist would ignore.

    Use this class as the first base of a subclass of ``ChangeList``. Like ``ChangeList``, it raises
    ``IncorrectLookupParameters`` for unknown and invalid filters.
    """

    # Attributes of ChangeList.
    model: Any
    lookup_opts: Any
    list_filter: Any
    date_hierarchy: str | None
    search_fields: Any
    root_queryset: Any
    filter_params: dict[str, list[str]]
    params: dict[str, str]
    query: str

    def get_results(self, request: HttpRequest) -> None:
        """Do nothing: there are no pages."""

    def get_filters(self, request: HttpRequest) -> Any:
        """Return the filters and lookups that select the rows."""
        if self.params.get(SEARCH_VAR) and not (self.query and self.search_fields):
            raise IncorrectLookupParameters(SEARCH_VAR)
        self.list_filter = [entry for entry in self.list_filter if not self._is_idle(entry)]
        filters = super().get_filters(request)  # type: ignore[misc]
        specs, has_filters, lookups, may_have_duplicates, *others = filters
        for spec in specs:
            if isinstance(spec, SimpleListFilter) and self._is_without_effect(spec, request):
                raise IncorrectLookupParameters(spec.parameter_name)
        for name in self._unused(specs, lookups):
            lookups[name] = prepare_lookup_value(name, self.filter_params[name])
            may_have_duplicates |= lookup_spawns_duplicates(self.lookup_opts, name)
        return specs, has_filters, lookups, may_have_duplicates, *others

    def _is_idle(self, entry: Any) -> bool:
        """Return True for a Django filter without a parameter in the request.

        Such a filter has no effect, but may run a query for its choices.
        """
        if callable(entry):
            return False
        path, filter_class = entry if isinstance(entry, (list, tuple)) else (entry, None)
        if not isinstance(path, str):
            path = path.name
        if filter_class is None:
            field = get_fields_from_path(self.model, path)[-1]
            registered = FieldListFilter._field_list_filters  # type: ignore[attr-defined]
            filter_class = next(found for test, found in registered if test(field))
        is_own = filter_class.__module__ == FieldListFilter.__module__
        return is_own and not any(name.startswith(path) for name in self.filter_params)

    def _is_without_effect(self, spec: SimpleListFilter, request: HttpRequest) -> bool:
        """Return True if the value of a filter is not one of its choices, and selects all rows."""
        values = {str(choice[0]) for choice in spec.lookup_choices if choice}
        value = spec.used_parameters.get(spec.parameter_name or "")
        if value is None or str(value) in values:
            return False
        try:
            rows = spec.queryset(request, self.root_queryset)
        except (LookupError, TypeError, ValueError, ValidationError):
            return True
        return rows is None or rows is self.root_queryset

    def _unused(self, specs: Any, lookups: dict[str, Any]) -> list[str]:
        """Return the parameters of filters that a changelist does not show, and thus ignores.

        A filter is not shown if it has fewer than two choices.
        """
        used = {*lookups, *(f"{self.date_hierarchy}__{part}" for part in DATE_PARTS)}
        for spec in specs:
            used.update(spec.expected_parameters())
        return [name for name in self.get_filters_params() if name not in used]  # type: ignore[attr-defined]
