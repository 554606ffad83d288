"""Delete old entries from the log of reports."""

import re
from argparse import ArgumentTypeError
from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from streamreports.logs.models import ReportLog

MAX_DAYS = 100_000  # Dates end before that.


class Command(BaseCommand):
    """Delete the entries of reports that ended more than a number of days ago."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the number of days."""
        parser.description = _("Delete old entries from the log of reports.")
        parser.add_argument(
            "--days",
            type=number_of_days,
            required=True,
            metavar="N",
            help=_("Delete the entries of reports that ended more than N days ago."),
        )

    def handle(self, *, days: int, verbosity: int, **options: Any) -> None:
        """Delete the entries, and print how many."""
        deleted, _by_model = ReportLog.objects.older_than(days).delete()
        if verbosity > 0:
            self.stdout.write(
                ngettext("Deleted %(count)d entry.", "Deleted %(count)d entries.", deleted)
                % {"count": deleted}
            )


def number_of_days(text: str) -> int:
    """Return a number of days, 0 or more."""
    if not re.fullmatch(r"\d{1,6}", text) or int(text) > MAX_DAYS:
        raise ArgumentTypeError(_("%(text)s is not a number of days.") % {"text": text})
    return int(text)
