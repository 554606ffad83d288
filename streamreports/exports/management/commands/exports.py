"""Run, submit, list and delete exports."""

from typing import Any

from django.core.checks import Tags
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import connections, router
from django.utils.translation import gettext as _

from streamreports.conf import get_settings
from streamreports.exports.models import Export
from streamreports.exports.pruning import prune
from streamreports.exports.queueing import submit_waiting
from streamreports.exports.worker import run_exports
from streamreports.management.interrupts import Interrupted, interruptible


class Command(BaseCommand):
    """Manage exports."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the subcommands."""
        parser.description = _("Run, submit, list and delete exports.")
        commands = parser.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")
        run = commands.add_parser("run", help=_("Run waiting exports until interrupted."))
        run.add_argument("--once", action="store_true", help=_("Stop when no exports are waiting."))
        run.add_argument(
            "--poll",
            type=float,
            default=1,
            metavar="SECONDS",
            help=_("Polling interval in seconds (default: %(default)s)."),
        )
        commands.add_parser("submit", help=_("Submit waiting exports to the queue again."))
        commands.add_parser("list", help=_("List the exports of all users, newest first."))
        commands.add_parser(
            "prune", help=_("Delete expired files, old exports and orphaned files.")
        )

    def handle(self, *args: Any, subcommand: str, **options: Any) -> None:
        """Run a subcommand."""
        self.require_table()
        getattr(self, subcommand)(**options)

    def require_table(self) -> None:
        """Raise CommandError if the migrations have not been run."""
        connection = connections[router.db_for_write(Export)]
        if Export._meta.db_table not in connection.introspection.table_names():
            raise CommandError(_("The table of exports is missing. Run “manage.py migrate” first."))

    def run(self, *, once: bool, poll: float, **options: Any) -> None:
        """Run exports. SIGTERM and Ctrl-C release the current export."""
        if poll <= 0:
            raise CommandError(_("--poll must be greater than 0."))
        self.check(tags=[Tags.database], databases=[router.db_for_write(Export)])
        try:
            with interruptible():
                for pk in run_exports(poll=poll, once=once):
                    self.report(pk)
        except Interrupted as error:
            status = 128 + error.signum  # the status of a process terminated by the signal
            raise CommandError(_("Interrupted."), returncode=status) from None

    def report(self, pk: Any) -> None:
        """Print a line about an export that has ended, unless it has been deleted."""
        for export in Export.objects.select_related("owner").filter(pk=pk):
            self.stdout.write(line_of(export))

    def submit(self, **options: Any) -> None:
        """Submit the exports that the queue has lost."""
        if not get_settings().export_runner:
            raise CommandError(
                _("EXPORT_RUNNER is not set, so there is no queue: use “exports run” instead.")
            )
        submitted, left = submit_waiting()
        self.stdout.write(_("Exports submitted: %(number)d.") % {"number": submitted})
        if left:
            text = _("The queue cannot be reached. Exports still waiting: %(number)d.")
            raise CommandError(text % {"number": left})

    def list(self, **options: Any) -> None:
        """List the exports."""
        for export in Export.objects.select_related("owner"):
            self.stdout.write(line_of(export))

    def prune(self, **options: Any) -> None:
        """Delete what is no longer needed."""
        text = _(
            "Deleted %(files)d expired files, %(exports)d exports and %(orphans)d orphaned files."
        )
        self.stdout.write(text % vars(prune()))


def line_of(export: Export) -> str:
    """Return a line about an export."""
    created, owner = export.created.isoformat(" ", "seconds"), export.owner.get_username()
    texts = [created, str(export.pk), export.state, f"{export.rows} rows", f"{export.bytes} bytes"]
    return " ".join([*texts, owner, export.title])
