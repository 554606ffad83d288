"""Delete exports, and files that are no longer needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from streamreports.conf import get_settings
from streamreports.exports.clock import DatabaseNow
from streamreports.exports.models import Export, ExportQuerySet
from streamreports.exports.storage import get_storage

ORPHAN_AGE = timedelta(hours=1)  # A file is recorded moments after it is complete.


@dataclass
class Pruned:
    """The numbers of deleted objects."""

    files: int = 0
    exports: int = 0
    orphans: int = 0


def prune() -> Pruned:
    """Delete expired files, old exports and orphaned files."""
    pruned = Pruned()
    for export in Export.objects.outdated():
        if export.expire():
            get_storage().delete(export.file)
            pruned.files += 1
    pruned.exports, _by_model = old_exports().delete()
    storage = get_storage()
    for name in orphans():
        storage.delete(name)
        pruned.orphans += 1
    if hasattr(storage, "delete_unfinished"):
        pruned.orphans += storage.delete_unfinished(older_than=ORPHAN_AGE)
    return pruned


def old_exports() -> ExportQuerySet:
    """Return the exports that are no longer listed.

    An expired export is listed for EXPORT_EXPIRY after its file has expired, and any other without
    a file for EXPORT_EXPIRY after it has finished.
    """
    states = [Export.State.FAILED, Export.State.CANCELLED, Export.State.EXPIRED]
    limit = DatabaseNow() - timedelta(seconds=get_settings().export_expiry)
    ended = Export.objects.filter(state__in=states).alias(since=Coalesce("expires", "finished"))
    old: ExportQuerySet = ended.filter(since__lt=limit)
    return old


def orphans() -> Iterator[str]:
    """Yield the names of files without an export."""
    storage = get_storage()
    _folders, names = storage.listdir("")
    known = set(Export.objects.exclude(file="").values_list("file", flat=True))
    for name in names:
        if name not in known and storage.get_modified_time(name) < timezone.now() - ORPHAN_AGE:
            yield name


def delete_export(export: Export) -> None:
    """Delete an export and its file; cancel it first if it is running."""
    export.cancel()  # After this, no worker can complete it.
    Export.objects.filter(pk=export.pk).delete()  # including the current file


def delete_file(instance: Export, using: str, **kwargs: Any) -> None:
    """Delete the file of an export that has been deleted, when the transaction is committed.

    This is a receiver of ``post_delete``, which is also sent for the exports of a deleted user. If
    the storage fails to delete the file, ``prune()`` deletes it later.
    """

    def delete() -> None:
        get_storage().delete(instance.file)

    if instance.file:
        transaction.on_commit(delete, using=using, robust=True)
