"""Signal receivers for reports in the admin."""

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig
from django.contrib.admin.sites import all_sites
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.signals import post_migrate

from streamreports.admin.logentries import log_end, log_start
from streamreports.admin.options import ReportAdminMixin
from streamreports.admin.permissions import create_permissions
from streamreports.signals import report_finished, report_started


def connect() -> None:
    """Connect the receivers."""
    # No sender is given: Django sends this signal only for apps with models.
    post_migrate.connect(create_report_permissions)
    report_started.connect(log_start)
    report_finished.connect(log_end)


def create_report_permissions(
    app_config: AppConfig, using: str = DEFAULT_DB_ALIAS, **kwargs: Any
) -> None:
    """Create the permissions to export the models of a migrated app."""
    given = {"apps": kwargs["apps"]} if "apps" in kwargs else {}
    create_permissions(exported_models(app_config), using, **given)


def exported_models(app_config: AppConfig) -> Iterator[type[Model]]:
    """Yield the models of an app that can be exported from any admin site."""
    for model in app_config.get_models():
        admins = (site.get_model_admin(model) for site in all_sites if site.is_registered(model))
        if any(isinstance(model_admin, ReportAdminMixin) for model_admin in admins):
            yield model
