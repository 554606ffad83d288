"""Cargoes and related models, with a field of each kind that reports print."""

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _


class Port(models.Model):
    """A port, identified by its UN/LOCODE."""

    code = models.CharField(_("code"), max_length=5, unique=True, help_text="UN/LOCODE")
    name = models.CharField(_("name"), max_length=100)
    country = models.CharField(_("country"), max_length=100)

    class Meta:
        ordering = ["name"]
        verbose_name = _("port")
        verbose_name_plural = _("ports")

    def __str__(self) -> str:
        return self.name


class Carrier(models.Model):
    """A company that transports cargoes."""

    class Kind(models.TextChoices):
        """The mode of transport."""

        LINER = "liner", _("Liner service")
        TRAMP = "tramp", _("Tramp shipping")
        BARGE = "barge", _("Inland barge")
        RAIL = "rail", _("Railway")

    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.LINER)

    class Meta:
        ordering = ["name"]
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A handling instruction."""

    name = models.CharField(_("name"), max_length=50, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name


class Cargo(models.Model):
    """Goods in transit from one port to another."""

    class Status(models.TextChoices):
        """The state of the transport."""

        BOOKED = "booked", _("Booked")
        LOADED = "loaded", _("On board")
        HELD = "held", _("Held by customs")
        DELIVERED = "delivered", _("Delivered")

    commodity = models.CharField(_("commodity"), max_length=100)
    weight = models.DecimalField(_("weight"), max_digits=10, decimal_places=3, help_text="kg")
    price = models.DecimalField(
        _("price per kg"), max_digits=10, decimal_places=2, help_text=_("US dollars")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.BOOKED)
    picked_up_at = models.DateTimeField(_("picked up"), null=True, blank=True)
    origin = models.ForeignKey(
        Port, on_delete=models.PROTECT, related_name="departures", verbose_name=_("origin")
    )
    destination = models.ForeignKey(
        Port, on_delete=models.PROTECT, related_name="arrivals", verbose_name=_("destination")
    )
    carrier = models.ForeignKey(
        Carrier,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="cargoes",
        verbose_name=_("carrier"),
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="cargoes", verbose_name=_("tags"))

    class Meta:
        ordering = ["id"]
        verbose_name = _("cargo")
        verbose_name_plural = _("cargoes")

    def __str__(self) -> str:
        return f"{self.commodity} ({self.pk})"

    @admin.display(description=_("Route"))
    def route(self) -> str:
        """Return the names of both ports, separated by a dash."""
        return f"{self.origin.name} – {self.destination.name}"
