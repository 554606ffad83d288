"""Exports: reports that run in the background and are stored as files."""

import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, router
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from streamreports.exports.clock import DatabaseNow, in_seconds

SUBMIT_AGAIN_SECONDS = 600  # how long an export may wait in a queue

# The states of waiting and running exports, and of those that can be retried. The names of the
# states are literals, since constraints in Meta cannot refer to Export.State.
ACTIVE_STATES = ["queued", "running"]
RETRYABLE_STATES = ["failed", "cancelled"]
ACTIVE = Q(state__in=ACTIVE_STATES)


class ExportQuerySet(models.QuerySet["Export"]):
    """A queryset of exports, with filters by owner and state."""

    def owned_by(self, user: Any) -> Self:
        """Return the exports of a user; no exports for an anonymous user."""
        return self.filter(owner=user.pk) if user.pk is not None else self.none()

    def active(self) -> Self:
        """Return the waiting and running exports."""
        return self.filter(ACTIVE)

    def active_first(self) -> Self:
        """Order waiting and running exports first, then the others, newest first."""
        rank = models.Case(models.When(ACTIVE, then=0), default=1)
        return self.order_by(rank, "-created", "pk")

    def kept(self) -> Self:
        """Return the exports whose files are kept."""
        return self.filter(state=Export.State.DONE)

    def claimable(self) -> Self:
        """Return the exports that a worker may start.

        These are queued exports, and running exports whose lease has expired because their worker
        no longer responds.
        """
        abandoned = Q(state=Export.State.RUNNING, lease_expires__lt=DatabaseNow())
        return self.filter(Q(state=Export.State.QUEUED) | abandoned)

    def lost(self) -> Self:
        """Return the exports that a worker may start but that are probably not in a queue.

        The queue was down, or a worker was killed or has released its export. A queue may also have
        lost a message, so exports that have waited for a while are included.
        """
        unknown = Q(submitted__isnull=True)
        abandoned = Q(lease_expires__gt=F("submitted"))
        long_ago = Q(submitted__lt=in_seconds(-SUBMIT_AGAIN_SECONDS))
        return self.claimable().filter(unknown | abandoned | long_ago)

    def outdated(self) -> Self:
        """Return the exports whose files have expired."""
        return self.filter(state=Export.State.DONE, expires__lt=DatabaseNow())


class ExportManager(models.Manager.from_queryset(ExportQuerySet)):  # type: ignore[misc]
    """Read exports from the primary database, since a replica may lag behind."""

    def get_queryset(self) -> ExportQuerySet:
        """Return all exports."""
        queryset: ExportQuerySet = super().get_queryset()
        return queryset.using(self._db or router.db_for_write(self.model))


class Export(models.Model):
    """A report that runs in the background, with its request, progress and file.

    The row stores the state of an export; a queue only contains its primary key. Each transition is
    one conditional UPDATE, and returns True if the state of the export allowed it. The transitions
    of a worker require that it still holds the lease.
    """

    class State(models.TextChoices):
        """The states of an export."""

        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("owner")
    )
    auth_backend = models.CharField(_("authentication backend"), max_length=255)

    # The request
    title = models.CharField(_("report"), max_length=255)
    scheme = models.CharField(max_length=5)
    host = models.TextField()
    script_name = models.TextField(blank=True)
    path = models.TextField(_("path"))
    query_string = models.TextField(_("parameters"), blank=True)
    accept = models.TextField(blank=True)
    language = models.CharField(_("language"), max_length=20)
    time_zone = models.CharField(_("time zone"), max_length=64)

    # The work
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    # Identical for identical requests of a user while they are waiting or running. The constraint
    # has no condition, since MySQL and MariaDB have no partial indexes; null values are never
    # equal.
    active_key = models.CharField(  # noqa: DJ001
        max_length=64, null=True, unique=True, editable=False
    )
    # When the queue accepted the export; initially, when it was created. Null if the queue was
    # down, or a worker has released the export.
    submitted = models.DateTimeField(null=True, blank=True, default=timezone.now, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_owner = models.CharField(_("worker"), max_length=64, blank=True)
    lease_expires = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    estimated_rows = models.PositiveBigIntegerField(_("estimated rows"), null=True, blank=True)
    bytes = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    error = models.TextField(_("error"), blank=True)
    traceback = models.TextField(_("traceback"), blank=True)

    # The file
    file = models.CharField(max_length=255, blank=True, editable=False)
    filename = models.TextField(_("file name"), blank=True)
    content_type = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    started = models.DateTimeField(_("started"), null=True, blank=True)
    finished = models.DateTimeField(_("finished"), null=True, blank=True)
    expires = models.DateTimeField(_("expires"), null=True, blank=True)

    objects = ExportManager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ("-created", "id")
        permissions = (("view_export_details", "Can view parameters and tracebacks of exports"),)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner", "-created"], name="export_owner_created"),
            models.Index(fields=["state", "created"], name="export_state_created"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["queued", "running", "done", "failed", "cancelled", "expired"]
                ),
                name="export_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="running", lease_expires__isnull=False) & ~Q(lease_owner="")
                | ~Q(state="running") & Q(lease_owner="", lease_expires__isnull=True),
                name="export_runs_with_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(active_key__isnull=False) & ACTIVE
                | ~ACTIVE & Q(active_key__isnull=True),
                name="export_is_active_with_a_key",
            ),
            models.CheckConstraint(
                condition=Q(finished__isnull=True) & ACTIVE | ~ACTIVE & Q(finished__isnull=False),
                name="export_is_finished_with_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="done") & ~Q(file="") & ~Q(sha256="")
                | ~Q(state="done") & Q(file=""),
                name="export_is_done_with_a_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"

    @property
    def is_active(self) -> bool:
        """True while the export is waiting or running."""
        return self.state in ACTIVE_STATES

    @property
    def can_cancel(self) -> bool:
        """True while the export is waiting or running, and its cancellation was not requested."""
        return self.is_active and not self.cancel_requested

    @property
    def can_retry(self) -> bool:
        """True if the export has failed or was cancelled."""
        return self.state in RETRYABLE_STATES

    @property
    def is_refused(self) -> bool:
        """True while the export is waiting because the queue is down."""
        return self.state == self.State.QUEUED and not self.submitted and not self.started

    # The transitions of a worker

    def claim(self, worker: str, *, lease: float, attempts: int) -> bool:
        """Start the export as a worker, unless another runs it or ``attempts`` are exhausted.

        ``lease``: seconds until another worker may take over, unless it is renewed.
        """
        return self._update(
            Export.objects.claimable().filter(attempts__lt=attempts),
            state=self.State.RUNNING,
            attempts=F("attempts") + 1,
            lease_owner=worker,
            lease_expires=in_seconds(lease),
            started=DatabaseNow(),
            rows=0,
            bytes=0,
            estimated_rows=None,
        )

    def renew(self, worker: str, *, lease: float, rows: int, bytes: int) -> bool:
        """Renew the lease of a worker, and record the progress of the export."""
        return self._update(
            self._held_by(worker), lease_expires=in_seconds(lease), rows=rows, bytes=bytes
        )

    def complete(self, worker: str, *, expiry: float, **fields: Any) -> bool:
        """Finish the export with its file, unless cancellation was requested.

        ``expiry``: seconds for which the file is kept. ``fields``: the number of rows, and the
        fields of the file.
        """
        wanted = self._held_by(worker).filter(cancel_requested=False)
        return self._finish(wanted, self.State.DONE, expires=in_seconds(expiry), **fields)

    def fail(self, worker: str, error: str, traceback: str = "") -> bool:
        """Finish the export without a file; ``error`` is the message for its owner."""
        held = self._held_by(worker)
        return self._finish(held, self.State.FAILED, error=error, traceback=traceback)

    def acknowledge_cancel(self, worker: str) -> bool:
        """Finish the export as cancelled."""
        unwanted = self._held_by(worker).filter(cancel_requested=True)
        return self._finish(unwanted, self.State.CANCELLED)

    def release(self, worker: str) -> bool:
        """Release the export, so that another worker can run it; the attempt does not count."""
        return self._update(
            self._held_by(worker),
            state=self.State.QUEUED,
            attempts=F("attempts") - 1,
            lease_owner="",
            lease_expires=None,
            submitted=None,
            rows=0,
            bytes=0,
        )

    # The transitions of others

    def cancel(self) -> bool:
        """Cancel the export if it is waiting; request its worker to cancel it if it is running."""
        return self.cancel_waiting() or self.request_cancel()

    def cancel_waiting(self) -> bool:
        """Cancel the export if no worker is running it."""
        return self._finish(Export.objects.claimable(), self.State.CANCELLED)

    def request_cancel(self) -> bool:
        """Request the worker to cancel the export."""
        running = Export.objects.filter(state=self.State.RUNNING)
        return self._update(running, cancel_requested=True)

    def give_up(self, error: str, *, attempts: int) -> bool:
        """Fail the export if it was started ``attempts`` times and never finished."""
        abandoned = Export.objects.claimable().filter(attempts__gte=attempts)
        return self._finish(abandoned, self.State.FAILED, error=error)

    def retry(self, active_key: str) -> bool:
        """Queue a failed or cancelled export again, with no attempts.

        Raises IntegrityError if an identical export is waiting or running.
        """
        return self._update(
            Export.objects.filter(state__in=RETRYABLE_STATES),
            state=self.State.QUEUED,
            active_key=active_key,
            submitted=DatabaseNow(),
            attempts=0,
            started=None,
            cancel_requested=False,
            rows=0,
            bytes=0,
            estimated_rows=None,
            filename="",
            error="",
            traceback="",
            finished=None,
        )

    def expire(self) -> bool:
        """Clear the fields of the file; the caller deletes it from the storage."""
        done = Export.objects.filter(state=self.State.DONE)
        return self._update(done, state=self.State.EXPIRED, file="", traceback="", query_string="")

    def _held_by(self, worker: str) -> ExportQuerySet:
        held: ExportQuerySet = Export.objects.filter(state=self.State.RUNNING, lease_owner=worker)
        return held

    def _finish(self, condition: ExportQuerySet, state: str, **fields: Any) -> bool:
        """Set a final state if the condition is met."""
        ended = {"active_key": None, "lease_owner": "", "lease_expires": None}
        return self._update(condition, state=state, finished=DatabaseNow(), **ended, **fields)

    def _update(self, condition: ExportQuerySet, **fields: Any) -> bool:
        """Update the row if the condition is met; return True if it was."""
        return condition.using(self._state.db).filter(pk=self.pk).update(**fields) == 1
