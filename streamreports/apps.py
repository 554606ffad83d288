"""The Django app."""

from django.apps import AppConfig
from django.core import checks


class StreamreportsConfig(AppConfig):
    """Have the report views looked at whenever the project is checked."""

    name = "streamreports"

    def ready(self) -> None:
        """Register the checks, which need the views, which need the settings."""
        from streamreports.checks import check_report_views, check_server

        checks.register(check_report_views, checks.Tags.urls)
        checks.register(check_server)
