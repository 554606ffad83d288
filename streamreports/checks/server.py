"""Check the choice of the server."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage

from streamreports.exceptions import ReportError


def check_server(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return the errors in the choice of the server, if the settings tell which it is."""
    if not apps.is_installed("daphne"):
        return []
    problem = ReportError(
        "If a report fails, daphne leaves the client waiting forever. It also keeps in memory the"
        " data that slow clients have not read.",
        "Use another server for reports, such as uvicorn or gunicorn.",
    )
    return [problem.as_message("W001")]
