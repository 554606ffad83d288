"""Check that reports are recorded if the settings say so."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage

from streamreports.conf import get_settings
from streamreports.exceptions import ReportError


def check_logs(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error if reports should be recorded, but the app that records them is missing."""
    try:
        settings = get_settings()
    except ReportError as error:
        return [error.as_message("E015")]
    if not settings.log_reports or apps.is_installed("streamreports.logs"):
        return []
    problem = ReportError(
        "STREAMREPORTS['LOG_REPORTS'] is True, but the app that records reports is not installed.",
        "Add 'streamreports.logs' to INSTALLED_APPS, and run migrate.",
    )
    return [problem.as_message("E016")]
