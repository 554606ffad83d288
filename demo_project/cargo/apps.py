"""Configuration of the cargo app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CargoConfig(AppConfig):
    """The app of the demo site."""

    name = "demo_project.cargo"
    label = "cargo"
    verbose_name = _("Cargo")
