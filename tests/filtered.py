"""Filter sets and views that tests request with a query string."""

import django_filters
from django import forms

from streamreports.columns import Column
from streamreports.views import StreamingCsvView
from tests.models import Maker, Specimen


class MakerFilter(django_filters.FilterSet):
    name = django_filters.CharFilter(lookup_expr="icontains")
    size = django_filters.MultipleChoiceFilter(choices=Maker.Size.choices)
    key = django_filters.RangeFilter(field_name="pk")
    sort = django_filters.OrderingFilter(fields={"name": "by_name", "size": "by_size"})

    class Meta:
        model = Maker
        fields = []


class FilteredView(StreamingCsvView):
    """Send the makers that a filter set selects."""

    model = Maker
    ordering = ["pk"]
    columns = ["name", "size"]
    filterset_class = MakerFilter


class ChoosingView(StreamingCsvView):
    """Send the columns of makers that the request names, in its order."""

    model = Maker
    ordering = ["pk"]
    columns = [
        "name",
        Column("size", label="Size"),
        Column("shout", label="Loud"),
        Column(lambda maker: maker.pk, label="Key"),
    ]
    selectable_columns = True
    ordering_fields = ["name", "size"]


class DateFilter(django_filters.FilterSet):
    date = django_filters.DateFromToRangeFilter()
    datetime = django_filters.IsoDateTimeFromToRangeFilter()
    maker = django_filters.ModelChoiceFilter(queryset=Maker.objects.all())
    decimal = django_filters.LookupChoiceFilter(
        field_class=forms.DecimalField, lookup_choices=["exact", "gt"]
    )

    class Meta:
        model = Specimen
        fields = []


class SpecimenView(StreamingCsvView):
    """Send specimens, filtered by fields whose widgets read several parameters."""

    model = Specimen
    ordering = ["pk"]
    columns = ["char", "date"]
    filterset_class = DateFilter


class User:
    """A user that has some permissions."""

    is_active = True

    def __init__(self, *permissions):
        self.permissions = permissions

    def has_perm(self, permission):
        return permission in self.permissions


def request(rf, query="", user=None, **headers):
    """Return a request for a report with a query string."""
    made = rf.get(f"/report.csv?{query}", headers=headers)
    if user is not None:
        made.user = user
    return made


def send(rf, view_class, query="", user=None, **headers):
    """Return the status of a response and its text."""
    response = view_class.as_view()(request(rf, query, user, **headers))
    return response.status_code, b"".join(response).decode()
