"""Check the views whose reports run in the background."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage
from django.urls import NoReverseMatch, reverse

from streamreports.checks.declared import UNKNOWN, value_of
from streamreports.exceptions import ReportError
from streamreports.views import StreamingReportView

APP = "streamreports.exports"
URLS = f'path("exports/", include("{APP}.urls"))'


def check_background(view: StreamingReportView) -> Iterator[CheckMessage]:
    """Yield the errors in the background settings of a view."""
    # The view of a changelist or a list has its `background` from there.
    owner = getattr(view, "model_admin", None) or getattr(view, "list_view", None) or view
    is_on, above = value_of(view, "background"), value_of(view, "background_above")
    errors: list[ReportError] = []
    if above not in (None, UNKNOWN):
        errors += limit_errors(type(view).__name__, above, type(owner).__name__, is_on=is_on)
    if is_on is True:
        errors += missing_parts(type(owner).__name__)
    yield from (error.as_message("E017") for error in errors)


def limit_errors(name: str, above: Any, owner: str, *, is_on: Any) -> Iterator[ReportError]:
    """Yield the errors in ``background_above``; ``owner``: the class that has ``background``."""
    if isinstance(above, bool) or not isinstance(above, int) or above < 1:
        problem = f"{name}.background_above is {above!r}."
        yield ReportError(problem, "Use an integer of at least 1, or None.")
    if is_on is False:
        problem = f"{name}.background_above has no effect, since {owner}.background is False."
        yield ReportError(problem, f"Set {owner}.background = True, or remove background_above.")


def missing_parts(name: str) -> Iterator[ReportError]:
    """Yield an error for each part of the project that exports need and that is missing."""
    problem = f"{name}.background is True, but"
    for app in ("django.contrib.auth", APP):
        if not apps.is_installed(app):
            yield ReportError(
                f"{problem} {app!r} is not installed.",
                f"Add {app!r} to INSTALLED_APPS, or remove background.",
            )
    try:
        reverse("exports:list")
    except NoReverseMatch:
        yield ReportError(
            f"{problem} the exports have no URLs.", f"Add {URLS} to the URLconf of the project."
        )
