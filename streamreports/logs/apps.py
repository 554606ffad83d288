"""The Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LogsConfig(AppConfig):
    """Record reports while ``STREAMREPORTS["LOG_REPORTS"]`` is True."""

    name = "streamreports.logs"
    label = "streamreports_logs"
    verbose_name = _("Report logs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers; they import the model, which needs the apps to be loaded."""
        from streamreports.logs import receivers

        receivers.connect()
