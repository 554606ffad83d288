"""The table that is measured, eight columns of five types, and a small one with a relation."""

from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

# The tables are kept between runs: change their name when you change data.py.
TABLE = "benchmarks_cargo_addresses"
FIELDS = [
    "id", "commodity", "origin", "destination", "weight", "price", "picked_up_at", "insured",
]  # fmt: skip
SHIPMENT_FIELDS = ["id", "commodity", "carrier__name"]


class UpperCaseField(models.CharField):  # type: ignore[type-arg]
    """A text that is converted in Python when it is read, so that no database can print it."""

    def from_db_value(self, value: str | None, *args: Any) -> str | None:
        """Return the text in upper case."""
        return value if value is None else value.upper()


class BaseCargo(models.Model):
    """Goods in transit from one address to another."""

    commodity = models.CharField(max_length=100)
    origin = models.CharField(max_length=100)
    destination = models.CharField(max_length=100)
    weight = models.DecimalField(max_digits=10, decimal_places=3)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    picked_up_at = models.DateTimeField(null=True)
    insured = models.BooleanField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.commodity} ({self.pk})"


class Cargo(BaseCargo):
    """A row whose columns the database can print."""

    class Meta:
        db_table = TABLE


class UpperCaseCargo(BaseCargo):
    """The same row, with one column that only Python can print."""

    destination = UpperCaseField(max_length=100)

    class Meta:
        db_table = TABLE
        managed = False


class Carrier(models.Model):
    """Who transports."""

    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Shipment(models.Model):
    """A row with a relation: its queries are counted, its file is not timed."""

    commodity = models.CharField(max_length=100)
    carrier = models.ForeignKey(Carrier, models.CASCADE)

    def __str__(self) -> str:
        return f"{self.commodity} ({self.pk})"


def requested(model: type[BaseCargo | Shipment], request: HttpRequest) -> QuerySet[Any]:
    """Return as many rows as the request asks for, in the order of an index."""
    queryset = model._default_manager.filter(pk__lte=int(request.GET["rows"])).order_by("pk")
    related = request.GET.get("select_related")
    return queryset.select_related(related) if related else queryset
