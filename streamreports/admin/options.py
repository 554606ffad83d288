"""A ModelAdmin whose changelist can be exported."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.checks import CheckMessage
from django.db.models import Model, QuerySet
from django.forms import BooleanField, MediaDefiningClass
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from streamreports import background
from streamreports.admin.checks import check_admin
from streamreports.admin.columns import list_display_columns
from streamreports.admin.permissions import permission_of
from streamreports.admin.views import ChangeListReportView
from streamreports.background import exports_url
from streamreports.columns import Column
from streamreports.formats.base import Format
from streamreports.formats.csv import CsvFormat
from streamreports.views.streams import exempt_from_transactions

ACTION, BACKGROUND_ACTION = "export_selected", "export_selected_in_background"
TEMPLATE = "streamreports/admin/change_list.html"
MAX_URL_LENGTH = 2000  # characters; some servers accept 4,094, including method and protocol


if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class ReportAdminType(MediaDefiningClass):
    """The metaclass of ``ReportAdminMixin`` and its subclasses."""

    def mro(self) -> list[type]:
        """Return the bases with the mixin before ``ModelAdmin``, which would hide its methods."""
        order = super().mro()
        if admin.ModelAdmin not in order:
            return order
        start = order.index(admin.ModelAdmin)
        hidden = [base for base in order[start:] if isinstance(base, ReportAdminType)]
        return [*order[:start], *hidden, *(base for base in order[start:] if base not in hidden)]


class ReportAdminMixin(Base, metaclass=ReportAdminType):
    """Export the rows of a changelist: all that match its filters and search, or the selected ones.

    In a class definition, the mixin may come before or after ``ModelAdmin``.

    ``report_columns``: the columns to export, as strings and ``Column`` objects. A string may also
    name a method of the ModelAdmin. By default, the columns of ``list_display``.
    ``report_formats``: the available formats, as subclasses of ``Format``; the first is the
    default.
    ``report_view_class``: a subclass of ``ChangeListReportView``, for limits and the file name.
    ``background``: whether users may run exports in the background.
    """

    report_columns: Sequence[Column | str] | None = None
    report_formats: Sequence[type[Format]] = [CsvFormat]
    report_view_class: type[ChangeListReportView] = ChangeListReportView
    background: bool = False

    def __init__(self, model: type[Model], admin_site: AdminSite) -> None:
        super().__init__(model, admin_site)
        if self.actions is not None:
            own = [ACTION, BACKGROUND_ACTION] if self.has_background() else [ACTION]
            self.actions = [*self.actions, *(each for each in own if each not in self.actions)]

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Return the errors in this ModelAdmin."""
        return [*super().check(**kwargs), *check_admin(self)]

    def has_report_permission(self, request: HttpRequest) -> bool:
        """Return True if the user may export; by default, with the permission ``export_<model>``.

        The permission to view the objects is also required.
        """
        return request.user.has_perm(permission_of(self.opts))

    def get_report_columns(self, request: HttpRequest) -> Sequence[Column | str]:
        """Return the columns to export."""
        if self.report_columns is not None:
            return self.report_columns
        return list_display_columns(self, request)

    def has_background(self) -> bool:
        """Return True if exports may run in the background."""
        return self.background or self.report_view_class.background

    # The report

    @cached_property
    def report_view(self) -> type[ChangeListReportView]:
        """The view class of this ModelAdmin, whose name is used in logs."""
        base = self.report_view_class
        name = f"{type(self).__name__}ReportView"
        attributes = {
            "__module__": type(self).__module__,
            "model": self.model,
            "model_admin": self,
            "background": self.has_background(),
        }
        if base.format_param in {field.name for field in self.opts.get_fields()}:
            attributes["format_param"] = f"_{base.format_param}"  # The other one is a filter's.
        return type(name, (base,), attributes)

    def get_urls(self) -> list[URLPattern]:
        """Return the URLs of the changelist, its objects and its report."""
        view = self.admin_site.admin_view(self.report_view.as_view())
        # Decorators of the admin site may not preserve the attributes of a view.
        callback: Any = exempt_from_transactions(view)
        callback.view_class, callback.view_initkwargs = self.report_view, {}
        name = f"{self.opts.app_label}_{self.opts.model_name}_report"
        return [path("report/", callback, name=name), *super().get_urls()]

    def get_report_url(self) -> str:
        """Return the URL of the report, without a query string."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_report"
        return reverse(name, current_app=self.admin_site.name)

    # The changelist

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Return the changelist, with a link to its report for users who may export it."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and self.has_report_permission(request):
            self._add_report_links(response)
        return response

    def _add_report_links(self, response: TemplateResponse) -> None:
        """Extend the template of a changelist; leave other pages unchanged."""
        context = response.context_data or {}
        changelist = context.get("cl")
        if changelist is not None and not changelist.is_popup and not response.is_rendered:
            response.context_data = {
                **context,
                "report_parent": response.resolve_template(response.template_name),
                "report_links": self.get_report_links(changelist),
                "report_background_url": exports_url() if self.has_background() else None,
            }
            response.template_name = TEMPLATE

    def get_report_links(self, changelist: ChangeList) -> list[Mapping[str, str]]:
        """Return the ``name``, ``label``, ``format`` and ``url`` of a link for each format."""
        url, param = self.get_report_url(), self.report_view.format_param or ""
        if len(self.report_formats) == 1:
            (only,) = self.report_formats
            query = changelist.get_query_string().removesuffix("?")
            link = {"label": _("Export"), "format": only.get_label(), "url": url + query}
            return [{"name": only.name, **link}]
        return [
            {
                "name": each.name,
                "label": _("Export as %(format)s") % {"format": each.get_label()},
                "format": each.get_label(),
                "url": url + changelist.get_query_string({param: each.name}),
            }
            for each in self.report_formats
        ]

    @admin.action(
        permissions=["report"],
        description=gettext_lazy("Export selected %(verbose_name_plural)s"),
    )
    def export_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Redirect to the report of the selected rows, or of all rows of the changelist."""
        url = self._get_selection_url(request)
        if url is None or len(url) > MAX_URL_LENGTH:
            # The browser sends the primary keys in the body again.
            return HttpResponseRedirect(self._get_all_url(request), preserve_request=True)
        return HttpResponseRedirect(url)

    @admin.action(
        permissions=["report"],
        description=gettext_lazy("Export selected %(verbose_name_plural)s in the background"),
    )
    def export_selected_in_background(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponseBase | None:
        """Start an export of the selected rows, or of all rows of the changelist."""
        url, start = self._get_selection_url(request), background.start_export_of
        if url is not None and start is not None:
            return start(request, url)
        text = _("These rows cannot be exported in the background. Export all of them, or filter.")
        self.message_user(request, text, messages.ERROR)
        return None

    def _get_selection_url(self, request: HttpRequest) -> str | None:
        """Return the URL of the report of the selected rows; None if it would be too long."""
        if BooleanField(required=False).clean(request.POST.get("select_across")):
            return self._get_all_url(request)
        keys, query = request.POST.getlist(ACTION_CHECKBOX_NAME), request.GET.copy()
        query.pop(PAGE_VAR, None)
        query["pk__in"] = ",".join(keys)
        url = f"{self.get_report_url()}?{query.urlencode(safe=',')}"
        return None if any("," in key for key in keys) else url

    def _get_all_url(self, request: HttpRequest) -> str:
        """Return the URL of the report of all rows of the changelist."""
        query = request.GET.copy()
        query.pop(PAGE_VAR, None)
        return f"{self.get_report_url()}?{query.urlencode()}".removesuffix("?")
