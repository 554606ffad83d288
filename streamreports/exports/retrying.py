"""Retry failed and cancelled exports."""

from functools import partial

from django.db import IntegrityError, router, transaction

from streamreports.exports.exceptions import EqualExportError
from streamreports.exports.models import Export
from streamreports.exports.queueing import submit
from streamreports.exports.saved import SavedRequest


def retry_export(export: Export) -> bool:
    """Queue and submit an export again; return False if it has not failed or been cancelled.

    Raises EqualExportError if an identical export of its owner is waiting or running.
    """
    key = SavedRequest.from_fields(export).key_for(export.owner, export.content_type)
    using = router.db_for_write(Export)
    try:
        with transaction.atomic(using=using):
            is_queued = export.retry(key)
    except IntegrityError as error:
        raise EqualExportError from error
    if is_queued:
        transaction.on_commit(partial(submit, export.pk), using=using)
    return is_queued
