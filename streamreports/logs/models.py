"""The table of the reports that were sent."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, router
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from streamreports.signals import Outcome

OUTCOMES = [
    (Outcome.COMPLETED.value, _("completed")),
    (Outcome.ABORTED.value, _("aborted")),
    (Outcome.FAILED.value, _("failed")),
]


def set_null_here(collector: Any, field: Any, sub_objs: Any, using: str) -> None:
    """Set the key of a deleted user to NULL if the table is in the same database as the users.

    If a database router stores it in another database, the entries keep the key.
    """
    if router.allow_migrate_model(using, field.model):
        models.SET_NULL(collector, field, sub_objs, using)


set_null_here.lazy_sub_objs = True  # type: ignore[attr-defined]  # As SET_NULL: fetch no entries.


class ReportLogQuerySet(models.QuerySet["ReportLog"]):
    """The entries of the log."""

    def older_than(self, days: float) -> "ReportLogQuerySet":
        """Return the entries of reports that ended more than the given number of days ago."""
        return self.filter(finished__lt=timezone.now() - timedelta(days=days))


class ReportLog(models.Model):
    """A report that was sent to a user, completely or in part, and how it ended.

    ``user``: None for anonymous and deleted users; there is no constraint, since the users may be
    in another database. ``username``: the name at the time of the report.
    ``view``: the dotted path of the view. ``path`` and ``parameters``: as they were sent,
    percent-encoded. ``exception``: the class of what made the report fail.
    ``is_export``: whether it ran in the background. ``is_command``: whether ``dumpreport`` wrote
    it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=set_null_here,
        db_constraint=False,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("user"),
    )
    username = models.CharField(_("user name"), max_length=255, blank=True)
    view = models.CharField(_("view"), max_length=255)
    url_name = models.CharField(_("URL name"), max_length=255, blank=True)
    title = models.CharField(_("title"), max_length=255)
    path = models.CharField(_("path"), max_length=500)
    parameters = models.TextField(_("parameters"), blank=True)
    format = models.CharField(_("format"), max_length=100)
    started = models.DateTimeField(_("started"))
    finished = models.DateTimeField(_("finished"), db_index=True)
    seconds = models.FloatField(_("seconds"))
    rows = models.PositiveBigIntegerField(_("rows"))
    bytes = models.PositiveBigIntegerField(_("bytes"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=OUTCOMES)
    exception = models.CharField(_("exception"), max_length=255, blank=True)
    is_export = models.BooleanField(_("background export"), default=False)
    is_command = models.BooleanField(_("made by a command"), default=False)
    remote_address = models.GenericIPAddressField(_("remote address"), null=True, blank=True)

    objects = ReportLogQuerySet.as_manager()

    class Meta:
        verbose_name = _("report log")
        verbose_name_plural = _("report logs")
        ordering = ["-finished"]
        default_permissions = ["view", "delete"]

    def __str__(self) -> str:
        return self.title
