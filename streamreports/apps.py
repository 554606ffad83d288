"""The Django app."""

from django.apps import AppConfig
from django.core import checks


class StreamreportsConfig(AppConfig):
    """Register the system checks."""

    name = "streamreports"

    def ready(self) -> None:
        """Register the checks; they import the views, which need the settings."""
        from streamreports.checks import check_report_views, check_server

        checks.register(check_report_views, checks.Tags.urls)
        checks.register(check_server)
