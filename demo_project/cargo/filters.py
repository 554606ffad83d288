"""What cargoes can be selected by."""

import django_filters
from django.utils.translation import gettext_lazy as _
from django_filters.widgets import DateRangeWidget

from demo_project.cargo.models import Cargo, Carrier


class CargoFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Select cargoes by status, carrier, date, weight and commodity."""

    commodity = django_filters.CharFilter(lookup_expr="icontains", label=_("Commodity contains"))
    status = django_filters.MultipleChoiceFilter(choices=Cargo.Status.choices, label=_("Status"))
    carrier = django_filters.ModelChoiceFilter(
        queryset=Carrier.objects.all(), label=_("Carrier"), empty_label=_("Any")
    )
    picked_up = django_filters.DateFromToRangeFilter(
        field_name="picked_up_at",
        label=_("Picked up"),
        widget=DateRangeWidget(attrs={"type": "date"}),
    )
    weight = django_filters.RangeFilter(label=_("Weight (kg)"))
