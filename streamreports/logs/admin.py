"""The log in the admin: users with permission can view and delete entries."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from streamreports.logs.models import ReportLog


@admin.register(ReportLog)
class ReportLogAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The reports that were sent. Viewing and deleting them requires separate permissions."""

    list_display = [
        "title",
        "username",
        "finished",
        "outcome",
        "rows",
        "size",
        "format",
        "is_export",
    ]
    list_filter = ["outcome", "is_export", "is_command", "format"]
    search_fields = ["username", "title", "view", "url_name", "path", "parameters", "exception"]
    date_hierarchy = "finished"
    show_full_result_count = False  # Counting a large table is slow.

    @admin.display(description=_("size"), ordering="bytes")
    def size(self, entry: ReportLog) -> str:
        """Return the size of the file."""
        return filesizeformat(entry.bytes)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: only reports create entries."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: entries cannot be edited."""
        return False
