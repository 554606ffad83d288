"""The Django app."""

from django.apps import AppConfig, apps
from django.core import checks


class StreamreportsConfig(AppConfig):
    """Register the system checks and the receivers for the admin."""

    name = "streamreports"

    def ready(self) -> None:
        """Register the checks and receivers. They are imported here, since views need settings."""
        from streamreports.checks import check_logs, check_report_views, check_server

        checks.register(check_report_views, checks.Tags.urls)
        checks.register(check_server)
        checks.register(check_logs)
        if apps.is_installed("django.contrib.admin"):
            from streamreports.admin import receivers

            receivers.connect()
