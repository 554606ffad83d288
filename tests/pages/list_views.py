"""Lists of makers whose rows can be downloaded."""

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import ListView
from django_filters.views import FilterView

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat, ExcelCsvFormat
from streamreports.pages import ListReportView, ReportListMixin
from tests.models import Maker
from tests.pages.views import MakerFilter

COLUMNS = ["name", Column("size", label="Size")]


class PlainList(ReportListMixin, ListView):
    model = Maker
    ordering = ["name"]
    paginate_by = 2
    template_name = "tests/list.html"
    report_columns = COLUMNS


class SearchList(PlainList):
    """A list that reads the query string itself."""

    def get_queryset(self):
        queryset = super().get_queryset()
        letters = self.request.GET.copy()
        if "q" in self.request.GET:
            queryset = queryset.filter(name__icontains=self.request.GET["q"])
        return queryset.filter(name__endswith=letters.get("end", ""))


class SizeForm(forms.Form):
    size = forms.IntegerField(required=False)


class FormList(PlainList):
    """A list that ignores a form with errors, as many do."""

    def get_queryset(self):
        queryset = super().get_queryset()
        self.form = SizeForm(self.request.GET)
        if self.form.is_valid() and self.form.cleaned_data["size"]:
            queryset = queryset.filter(size=self.form.cleaned_data["size"])
        return queryset


class DefaultList(PlainList):
    """A list that selects other rows if there is no query string."""

    def get_queryset(self):
        queryset = super().get_queryset()
        return queryset if self.request.GET else queryset.filter(size=1)


class FilteredList(ReportListMixin, FilterView):
    model = Maker
    ordering = ["name"]
    paginate_by = 2
    filterset_class = MakerFilter
    template_name = "tests/list.html"
    report_columns = COLUMNS
    report_formats = [CsvFormat, ExcelCsvFormat]


class PrivateList(LoginRequiredMixin, PlainList):
    login_url = "/login/"


class LimitedView(ListReportView):
    selectable_columns = True
    ordering_param = "sort"
    ordering_fields = ["size"]
    filename = "few.csv"
    max_rows = 3


class LimitedList(PlainList):
    report_view_class = LimitedView


class UnfinishedList(ReportListMixin, ListView):
    model = Maker
    template_name = "tests/list.html"
