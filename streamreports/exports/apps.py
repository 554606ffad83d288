"""The Django app."""

from django.apps import AppConfig, apps
from django.core import checks
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _


class ExportsConfig(AppConfig):
    """Run reports in the background and store them as files."""

    name = "streamreports.exports"
    label = "streamreports_exports"
    verbose_name = _("Exports")

    def ready(self) -> None:
        """Register the checks, the functions that start exports, and the signal receivers."""
        from streamreports import background
        from streamreports.exports import development
        from streamreports.exports.checks import (
            check_core,
            check_mail,
            check_owner,
            check_request,
            check_runner,
            check_sqlite,
            check_storage,
        )
        from streamreports.exports.mails import mail_owner
        from streamreports.exports.models import Export
        from streamreports.exports.pruning import delete_file
        from streamreports.exports.signals import export_finished
        from streamreports.exports.views import start_export, start_export_of

        checks.register(check_storage)
        checks.register(check_runner)
        checks.register(check_request)
        checks.register(check_core)
        checks.register(check_mail)
        checks.register(check_owner)
        checks.register(check_sqlite, checks.Tags.database)
        post_delete.connect(delete_file, sender=Export)
        export_finished.connect(mail_owner, sender=Export)
        background.start_export = start_export
        background.start_export_of = start_export_of
        if apps.is_installed("django.contrib.admin"):
            from streamreports.admin.logentries import log_export_end

            export_finished.connect(log_export_end)
        if development.serves():
            development.start_worker()
