"""List the reports of the URLconf."""

from typing import Any

from django.core.management import BaseCommand
from django.utils.translation import gettext as _

from streamreports.discovery import ViewURL, report_urls
from streamreports.management.descriptions import describe
from streamreports.management.files import one_line_file_errors
from streamreports.views import StreamingReportView


class Command(BaseCommand):
    """Print what is known about each report without a request."""

    requires_system_checks = []  # What is wrong with a report is not listed.

    def add_arguments(self, parser: Any) -> None:
        """Set the description of the command; it has no arguments."""
        parser.description = _("List the reports of the URLconf.")
        parser.epilog = _("What depends on the request or its user is not listed.")

    def handle(self, **options: Any) -> None:
        """Print the reports in the order of the URLconf."""
        reports = list(report_urls())
        with one_line_file_errors(None):
            for url, view in reports:
                self._print(url, view)
            self.stdout.flush()
        if not reports:
            self.stderr.write(_("The URLconf has no reports."), style_func=str)

    def _print(self, url: ViewURL, view: StreamingReportView) -> None:
        """Print the path of a report, and a line for each other value."""
        self.stdout.write(self.style.MIGRATE_HEADING(url.path))
        facts = describe(url, view)
        width = max(map(len, facts))
        for title, value in facts.items():
            self.stdout.write(f"  {title:<{width}}  {value}")
