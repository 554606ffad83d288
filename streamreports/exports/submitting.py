"""Start exports."""

import re
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, get_user_model
from django.db import IntegrityError, connections, router, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from streamreports.conf import get_settings
from streamreports.escaping import replace_unencodable
from streamreports.exports.checking import check_report, find_report
from streamreports.exports.exceptions import NoReportError, QuotaError, SiteQuotaError
from streamreports.exports.models import Export
from streamreports.exports.queueing import submit
from streamreports.exports.saved import SavedRequest

CONTROLS = re.compile(r"[\0-\x1f\x7f-\x9f]")  # Terminals would interpret them.


def request_export(request: HttpRequest, saved: SavedRequest) -> Export | HttpResponseBase:
    """Return the export of a report for the user of a request; an active one if it exists.

    If the report cannot run, return an error response: 400, 403 or 413, for example.

    Raises NoReportError if the path is not that of a report with exports, and QuotaError or
    SiteQuotaError if there are too many exports.
    """
    match = find_report(request, saved.path)
    if match is None:
        raise NoReportError(saved.path)
    checked = check_report(request, match, saved)
    if isinstance(checked, HttpResponseBase):
        if checked.status_code < 300:  # The response is neither a report nor an error.
            raise NoReportError(saved.path)
        return checked
    key = saved.key_for(request.user, checked.content_type)
    existing = find_active(key)
    return existing or create_export(
        active_key=key,
        owner_id=request.user.pk,
        auth_backend=backend_of(request),
        title=CONTROLS.sub("\ufffd", replace_unencodable(checked.title))[:255],
        filename=checked.filename,
        content_type=checked.content_type,
        **saved.as_fields(),
    )


def find_active(key: str) -> Export | None:
    """Return the waiting or running export with a key."""
    export: Export | None = Export.objects.filter(active_key=key).first()
    return export


def create_export(*, active_key: str, owner_id: Any, **fields: Any) -> Export:
    """Create and submit an export; return an identical one if it has just been created.

    Raises QuotaError or SiteQuotaError if there are too many exports.
    """
    using = router.db_for_write(Export)
    try:
        with transaction.atomic(using=using):
            lock_owner(owner_id, using)
            export: Export = Export.objects.create(
                active_key=active_key, owner_id=owner_id, **fields
            )
            require_quota(owner_id)
    except IntegrityError:
        existing = find_active(active_key)
        if existing is not None:
            return existing
        raise
    transaction.on_commit(partial(submit, export.pk), using=using)
    return Export.objects.filter(pk=export.pk).first() or export  # The queue may have rejected it.


def lock_owner(owner_id: Any, using: str) -> None:
    """Make other requests of a user wait until the transaction ends, so that quotas are exact.

    On SQLite, creating the export locks the database. It must not be read before that, since
    another connection may write in between.
    """
    features = connections[using].features
    if features.has_select_for_update:
        users = get_user_model()._base_manager.using(using).filter(pk=owner_id)
        no_key = features.has_select_for_no_key_update  # Rows may still refer to the user.
        users.select_for_update(no_key=no_key).values_list("pk").first()


def require_quota(owner_id: Any) -> None:
    """Raise QuotaError if a user has too many exports, SiteQuotaError if all users together have.

    The new export has already been created. Concurrent requests of several users may each exceed
    the limits for all users by one.
    """
    limits = get_settings()
    exports = Export.objects.filter(owner=owner_id)
    if exports.active().count() > limits.export_max_active:
        raise QuotaError(limits.export_max_active, is_active=True)
    if exports.kept().count() >= limits.export_max_kept:
        raise QuotaError(limits.export_max_kept, is_active=False)
    most_active, most_kept = limits.export_max_active_total, limits.export_max_kept_total
    if most_active is not None and Export.objects.active().count() > most_active:
        raise SiteQuotaError(is_active=True)
    if most_kept is not None and Export.objects.kept().count() >= most_kept:
        raise SiteQuotaError(is_active=False)


def backend_of(request: HttpRequest) -> str:
    """Return the authentication backend of the user of a request."""
    session = getattr(request, "session", {})
    backend: str = session.get(BACKEND_SESSION_KEY) or settings.AUTHENTICATION_BACKENDS[0]
    return backend
