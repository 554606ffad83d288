"""Check that the app with the templates of the pages is installed."""

from django.apps import apps

from streamreports.exceptions import ReportError


def require_app(owner: str) -> None:
    """Raise ReportError if Django does not find the templates and styles of the pages.

    System checks cannot report this: those of an app that is not installed do not run.
    """
    if not apps.is_installed("streamreports"):
        raise ReportError(
            f"{owner} renders a page, but 'streamreports' is not installed.",
            "Add 'streamreports' to INSTALLED_APPS.",
        )
