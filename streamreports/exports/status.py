"""The state of an export as JSON."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from streamreports.exports.models import Export
from streamreports.exports.progress import progress_of


def status_of(export: Export, request: HttpRequest) -> dict[str, Any]:
    """Return the state of an export, and the URLs of the available actions.

    The texts in ``progress`` are in the active language.
    """
    actions = {
        "file": export.state == Export.State.DONE,
        "cancel": export.can_cancel,
        "delete": not export.is_active,
    }
    return {
        "id": str(export.pk),
        "title": export.title,
        "state": export.state,
        "rows": export.rows,
        "estimated_rows": export.estimated_rows,
        "bytes": export.bytes,
        "progress": asdict(progress_of(export)),
        "error": export.error,
        "filename": export.filename,
        "sha256": export.sha256,
        "created": export.created.isoformat(),
        "finished": export.finished and export.finished.isoformat(),
        "expires": export.expires and export.expires.isoformat(),
        "url": request.build_absolute_uri(reverse("exports:detail", args=[export.pk])),
        **{
            f"{name}_url": request.build_absolute_uri(reverse(f"exports:{name}", args=[export.pk]))
            if is_possible
            else None
            for name, is_possible in actions.items()
        },
    }
