"""To-many columns that the database joins: which of them are escaped as formulas."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamreports.reports import Report
from tests.models import Part, Specimen

pytestmark = pytest.mark.django_db


def test_joined_numbers_are_not_escaped(db):
    specimen = Specimen.objects.create()
    Part.objects.create(specimen=specimen, name="=b", quantity=-1)
    Part.objects.create(specimen=specimen, name="=a", quantity=-2)
    report = Report(Specimen.objects.all(), ["parts__quantity", "parts__name"])
    assert list(report.rows()) == [("-1, -2", "'=b, =a")]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(quantities=st.lists(st.integers(-9, 9), max_size=4))
def test_joined_numbers_print_as_in_python(quantities, db):
    Specimen.objects.all().delete()
    specimen = Specimen.objects.create()
    Part.objects.bulk_create([Part(specimen=specimen, quantity=number) for number in quantities])
    report = Report(Specimen.objects.all(), ["parts__quantity"])
    stored = specimen.parts.order_by("-name", "pk").values_list("quantity", flat=True)
    assert list(report.rows()) == [(", ".join(map(str, stored)),)]
