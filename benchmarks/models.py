"""The table that is measured: eight columns of five kinds."""

from django.db import models

FIELDS = [
    "id", "commodity", "origin", "destination", "weight", "price", "picked_up_at", "insured",
]  # fmt: skip


class Cargo(models.Model):
    """Goods on their way from one port to another."""

    commodity = models.CharField(max_length=100)
    origin = models.CharField(max_length=100)
    destination = models.CharField(max_length=100)
    weight = models.DecimalField(max_digits=10, decimal_places=3)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    picked_up_at = models.DateTimeField()
    insured = models.BooleanField()

    class Meta:
        """Every contender reads in the same, indexed order."""

        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.commodity} ({self.pk})"
