"""The permission to export the objects of a model."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps as global_apps
from django.contrib.auth import get_permission_codename
from django.db import router
from django.db.models import Model

ACTION = "export"


def permission_of(options: Any) -> str:
    """Return the permission to export a model, given its ``_meta``: ``"cargo.export_cargo"``."""
    return f"{options.app_label}.{get_permission_codename(ACTION, options)}"


def create_permissions(models: Iterable[type[Model]], using: str, apps: Any = global_apps) -> None:
    """Create the permissions to export some models in a database, unless they exist.

    ``apps``: the registry passed by ``post_migrate``, in which a model may not exist yet.
    """
    try:
        permission_class = apps.get_model("auth", "Permission")
        content_types = apps.get_model("contenttypes", "ContentType").objects.db_manager(using)
    except LookupError:
        return
    models = [m for m in models if m._meta.model_name in apps.all_models[m._meta.app_label]]
    if not models or not router.allow_migrate_model(using, permission_class):
        return
    # A proxy model has its own content type, as for the permissions that Django creates.
    types = content_types.get_for_models(*models, for_concrete_models=False)
    permissions = permission_class.objects.using(using)
    found = permissions.filter(content_type__in=types.values())
    existing = set(found.values_list("content_type", "codename"))
    missing = [
        permission_class(
            content_type=content_type,
            codename=get_permission_codename(ACTION, model._meta),
            name=f"Can {ACTION} {model._meta.verbose_name_raw}",
        )
        for model, content_type in types.items()
        if (content_type.pk, get_permission_codename(ACTION, model._meta)) not in existing
    ]
    permissions.bulk_create(missing)
