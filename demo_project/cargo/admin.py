"""Admin pages of cargoes and related models."""

from django.contrib import admin

from demo_project.cargo.models import Cargo, Carrier, Port, Tag
from streamreports.admin import ReportAdminMixin


@admin.register(Cargo)
class CargoAdmin(ReportAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """Cargoes, filtered by status, carrier and tag; exported with the columns of the list.

    Exports may be prepared in the background.
    """

    background = True
    list_display = ["commodity", "weight", "price", "status", "route", "carrier", "picked_up_at"]
    list_filter = ["status", "carrier", "tags"]
    list_select_related = ["origin", "destination", "carrier"]
    search_fields = ["commodity"]
    date_hierarchy = "picked_up_at"
    autocomplete_fields = ["origin", "destination", "carrier", "tags"]


@admin.register(Port)
class PortAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Ports, searchable by name and code."""

    list_display = ["name", "code", "country"]
    search_fields = ["name", "code"]


@admin.register(Carrier)
class CarrierAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Carriers, filtered by kind."""

    list_display = ["name", "kind"]
    list_filter = ["kind"]
    search_fields = ["name"]


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tags, searchable by name."""

    search_fields = ["name"]
