"""Pages of reports that tests request."""

import django_filters
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.pages import ReportIndexView, ReportLink, ReportView
from streamreports.views import StreamingCsvView
from tests.models import Maker


class MakerFilter(django_filters.FilterSet):
    name = django_filters.CharFilter(
        lookup_expr="icontains", label="Name contains", help_text="Or a part of it"
    )
    size = django_filters.ChoiceFilter(choices=Maker.Size.choices)
    key = django_filters.RangeFilter(field_name="pk", label="Key")

    class Meta:
        model = Maker
        fields = []


class MakerReport(ReportView):
    model = Maker
    ordering = ["pk"]
    title = "All makers"
    description = "Who made what"
    filterset_class = MakerFilter
    selectable_columns = True
    ordering_fields = ["name", "size"]
    columns = [
        Column("name", label="Full name"),
        Column("size", label="Size"),
        Column("shout", label="Loud"),
        Column("specimens__char", label="Secret", name="secret", permission="tests.view_secret"),
    ]


class PlainReport(ReportView):
    model = Maker
    ordering = ["pk"]
    columns = ["name", "size"]


class OwnContext(PlainReport):
    template_name = "tests/own.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(title="Another title", more="More", **kwargs)


class TwoFormats(PlainReport):
    formats = [CsvFormat, ExcelCsvFormat]


class SomeColumns(PlainReport):
    selectable_columns = ["name", "size"]
    columns = ["name", "size", Column(lambda maker: maker.pk, label="Key")]


class OwnParameters(PlainReport):
    parameters = ["letter"]
    selectable_columns = True

    def filter_queryset(self, queryset):
        letter = self.request.GET.get("letter", "")
        if len(letter) > 1:
            raise ValidationError({"letter": "Give one letter."})
        return queryset.filter(name__startswith=letter)


class OwnQueryset(PlainReport):
    parameters = ["letter"]
    filterset_class = MakerFilter
    selectable_columns = True

    def get_queryset(self):
        if "letter" in self.request.GET:
            raise ValidationError({"letter": "No letters today."})
        return super().get_queryset()


class FailingReport(PlainReport):
    """A report whose query fails in the database."""

    def get_queryset(self):
        return super().get_queryset().extra(where=["no_such_column = 1"])


# Views of a list of reports


class MakersFile(StreamingCsvView):
    """All makers in a file"""

    model = Maker
    title = "Makers in a file"
    description = "One line a maker"
    columns = ["name"]
    formats = [CsvFormat, ExcelCsvFormat]


class PrivateReport(LoginRequiredMixin, PlainReport):
    title = "For readers"
    login_url = "/login/"


class StaffReport(UserPassesTestMixin, PlainReport):
    title = "For staff"
    raise_exception = True

    def test_func(self):
        return self.request.user.is_staff


class MissingReport(PlainReport):
    title = "Missing"

    def get_queryset(self):
        raise Http404


class BrokenReport(PlainReport):
    title = "Broken"

    def get_queryset(self):
        raise LookupError("No such table.")


class SessionReport(PlainReport):
    title = "For this session"

    def dispatch(self, request, *args, **kwargs):
        if not request.session.get("may_see"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class YearReport(PlainReport):
    filterset_class = MakerFilter

    def get_title(self):
        return f"Makers of {self.kwargs['year']}"


class Index(ReportIndexView):
    def get_report_urls(self):
        return [
            ("Makers of 2025", "/reports/2025/"),
            ("Large makers", "/reports/2026/?name=large"),
            ReportLink("Figures", "https://example.com/figures/", description="Elsewhere"),
            ("Nothing", "/no/such/report/"),
            ("Rejected", "/reports/forbidden/"),
        ]
