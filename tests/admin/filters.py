"""Filters of the admin."""

from django.contrib import admin
from django.db.models import Q


class InitialFilter(admin.SimpleListFilter):
    title = "initial"
    parameter_name = "initial"

    def lookups(self, request, model_admin):
        return [("all", "All"), ("A", "A"), ("B", "B"), ("none", "None")]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        if self.value() is None:  # The default is not to show all.
            return queryset.filter(name__startswith="A")
        if self.value() in ("A", "B"):
            return queryset.filter(name__startswith=self.value())
        return None


class AnyInitialFilter(InitialFilter):
    parameter_name = "any"

    def queryset(self, request, queryset):
        return queryset.filter(Q(name__startswith=self.value() or ""))


class OneChoiceFilter(admin.RelatedFieldListFilter):
    include_empty_choice = False
