"""The exports of all users in the admin, where operators monitor, cancel and retry them."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.duration import duration_string
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from streamreports.exports.cancelling import cancel_export
from streamreports.exports.exceptions import EqualExportError
from streamreports.exports.models import Export
from streamreports.exports.progress import progress_of, summary_of
from streamreports.exports.retrying import retry_export

DETAILS = ("query_string", "traceback")  # These may contain personal data.
LOOKUPS = {"state", "created", "owner"}  # allowed as parameters in the URL of the list


@admin.register(Export)
class ExportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The exports of all users, for operators.

    Exports cannot be added or edited here. The permission ``change_export`` allows users to cancel
    and retry them, ``view_export_details`` to see parameters and tracebacks.
    """

    list_display = [
        "title",
        "owner",
        "summary",
        "rows_done",
        "speed",
        "time",
        "worker",
        "attempts",
        "created",
    ]
    list_filter = ["state", "created"]
    list_select_related = ["owner"]
    show_full_result_count = False  # Counting a large table is slow.
    actions = ["retry", "cancel"]
    change_form_template = "streamreports/exports/admin/change_form.html"
    fieldsets = [
        (None, {"fields": ["title", "owner", "path", "language", "time_zone"]}),
        (
            gettext_lazy("Progress"),
            {
                "fields": [
                    "summary",
                    "rows_done",
                    "speed",
                    "time_left",
                    "worker",
                    "attempts",
                    "time",
                    "error",
                ]
            },
        ),
        (gettext_lazy("File"), {"fields": ["filename", "size"]}),
        (gettext_lazy("Dates"), {"fields": ["created", "started", "finished", "expires"]}),
    ]

    class Media:
        """The style of the buttons."""

        css = {"all": ["streamreports/admin.css"]}

    # Permissions

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: exports are started on the pages of reports."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: exports cannot be edited."""
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Return True if the user may cancel and retry exports."""
        return super().has_change_permission(request)

    def has_details_permission(self, request: HttpRequest) -> bool:
        """Return True if the user may see parameters and tracebacks."""
        return request.user.has_perm(f"{self.opts.app_label}.view_export_details")

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the exports, without long fields that the list does not show."""
        return super().get_queryset(request).defer(*DETAILS, "error")

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Return the fields to search; by default, ``search_fields`` of a subclass, if any."""
        own: list[str] = list(self.search_fields)
        return own or ["title", f"owner__{get_user_model().USERNAME_FIELD}"]

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Return True for the filters of the list; other lookups would reveal hidden fields."""
        field, _separator, _rest = lookup.partition("__")
        return field in LOOKUPS and super().lookup_allowed(lookup, value, request)

    # The page of an export

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields, with the details if the user may see them."""
        fieldsets: list[Any] = list(super().get_fieldsets(request, obj))
        if self.has_details_permission(request):
            fields = ["query_string", "traceback_text"]
            fieldsets.append((_("Details"), {"fields": fields}))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return all fields."""
        return [
            name for _title, each in self.get_fieldsets(request, obj) for name in each["fields"]
        ]

    def get_urls(self) -> list[URLPattern]:
        """Return the URLs of the pages and the buttons."""
        view = self.admin_site.admin_view(self.operate_view)
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(f"<path:object_id>/{name}/", view, {"operation": name}, name=f"{prefix}_{name}")
            for name in ("retry", "cancel")
        ]
        return [*own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Return the page of an export, with the available buttons."""
        export = kwargs.get("obj")
        if export is not None and self.has_operate_permission(request):
            context |= {"can_retry": export.can_retry, "can_cancel": export.can_cancel}
        return super().render_change_form(request, context, *args, **kwargs)

    # Fields

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def summary(self, export: Export) -> str:
        """Return the state, and the percentage of finished rows."""
        return summary_of(export, progress_of(export).share)

    @admin.display(description=gettext_lazy("rows"), ordering="rows")
    def rows_done(self, export: Export) -> str:
        """Return the number of finished rows, and the expected number."""
        return progress_of(export).rows or self.get_empty_value_display()

    @admin.display(description=gettext_lazy("speed"))
    def speed(self, export: Export) -> str:
        """Return the rows per second."""
        return progress_of(export).speed or self.get_empty_value_display()

    @admin.display(description=gettext_lazy("time left"))
    def time_left(self, export: Export) -> str:
        """Return the time until the export is done."""
        return progress_of(export).remaining or self.get_empty_value_display()

    @admin.display(description=gettext_lazy("worker"), ordering="lease_owner")
    def worker(self, export: Export) -> str:
        """Return the machine and the process that run the export."""
        return export.lease_owner.rpartition(":")[0] or self.get_empty_value_display()

    @admin.display(description=gettext_lazy("time"))
    def time(self, export: Export) -> str:
        """Return how long the export has run, or how long it has waited."""
        if export.state == Export.State.QUEUED:
            start = export.created
        elif export.started is None:
            return self.get_empty_value_display()
        else:
            start = export.started
        seconds = (export.finished or timezone.now()) - start
        return duration_string(seconds).partition(".")[0]

    @admin.display(description=gettext_lazy("size in bytes"))
    def size(self, export: Export) -> str:
        """Return the size of the file."""
        if not export.bytes:
            return self.get_empty_value_display()
        return number_format(export.bytes, force_grouping=True)

    @admin.display(description=gettext_lazy("traceback"))
    def traceback_text(self, export: Export) -> str:
        """Return the traceback with its lines."""
        if not export.traceback:
            return self.get_empty_value_display()
        return format_html('<pre class="streamreports-traceback">{}</pre>', export.traceback)

    # Actions

    @admin.action(
        permissions=["operate"], description=gettext_lazy("Retry selected %(verbose_name_plural)s")
    )
    def retry(self, request: HttpRequest, exports: Iterable[Export]) -> None:
        """Queue failed and cancelled exports again."""
        number = 0
        for export in exports:
            try:
                is_queued = retry_export(export)
            except EqualExportError:
                text = _(
                    "“%(export)s” was not retried: an identical export of %(owner)s is active."
                )
                names = {"export": export, "owner": export.owner}
                self.message_user(request, text % names, messages.ERROR)
                continue
            if is_queued:
                number += 1
                self.log_change(request, export, _("Queued again."))
        text = ngettext(
            "%(number)s export was queued again.", "%(number)s exports were queued again.", number
        )
        self._report(request, text, number)

    @admin.action(
        permissions=["operate"], description=gettext_lazy("Cancel selected %(verbose_name_plural)s")
    )
    def cancel(self, request: HttpRequest, exports: Iterable[Export]) -> None:
        """Cancel waiting and running exports."""
        number = 0
        for export in exports:
            if cancel_export(export):
                number += 1
                self.log_change(request, export, _("Cancelled."))
        text = ngettext(
            "%(number)s export was cancelled.", "%(number)s exports were cancelled.", number
        )
        self._report(request, text, number)

    def _report(self, request: HttpRequest, text: str, number: int) -> None:
        """Tell the user how many exports were changed."""
        level = messages.SUCCESS if number else messages.WARNING
        self.message_user(request, text % {"number": number}, level)

    def operate_view(self, request: HttpRequest, object_id: str, operation: str) -> HttpResponse:
        """Run the operation of a button on the page of an export, and redirect back to the page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not (self.has_operate_permission(request) and self.has_view_permission(request)):
            raise PermissionDenied
        export = self.get_object(request, unquote(object_id))
        if export is None:
            raise Http404(_("There is no such export."))
        {"retry": self.retry, "cancel": self.cancel}[operation](request, [export])
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        url = reverse(name, args=[quote(export.pk)], current_app=self.admin_site.name)
        return HttpResponseRedirect(url)
