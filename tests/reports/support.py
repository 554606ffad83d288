"""What the tests of this folder share."""

from streamreports.columns import Column
from streamreports.reports import Report
from tests.models import Specimen


def rows_of(queryset, *columns):
    """Return the rows of a report, which are the same whether or not it reads instances."""
    rows = list(Report(queryset, columns).rows())
    beside = Report(queryset, [*columns, Column(lambda instance: "beside", label="Python")])
    assert [(*row, "beside") for row in rows] == list(beside.rows())
    return rows


def values_of(queryset, column):
    """Return the only column of a report."""
    return [value for (value,) in rows_of(queryset, column)]


specimens = Specimen.objects.order_by("pk")
