"""Those of the demo, with the database of the tests and a folder of their own."""

import os
from pathlib import Path

from django import VERSION
from django.conf.global_settings import STORAGES as DEFAULT_STORAGES

from demo_project.settings import *  # noqa: F403
from demo_project.settings import DATABASES, INSTALLED_APPS

FOLDER = Path(os.environ["EXPORTS_FOLDER"])

DATABASES["default"]["NAME"] = os.environ["EXPORTS_DATABASE"]
INSTALLED_APPS = list(dict.fromkeys([*INSTALLED_APPS, "streamreports.exports"]))
ROOT_URLCONF = "tests.exports.site.urls"
STORAGES = {
    **DEFAULT_STORAGES,
    "streamreports": {
        "BACKEND": "streamreports.exports.storage.PrivateFileSystemStorage",
        "OPTIONS": {"location": FOLDER / "files"},
    },
}
STREAMREPORTS = {"EXPORT_LEASE": 2}

if "EXPORTS_TASKS" in os.environ:
    INSTALLED_APPS += (
        ["django_tasks_db"] if VERSION >= (6, 0) else ["django_tasks", "django_tasks_db"]
    )
    TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    STREAMREPORTS["EXPORT_RUNNER"] = "streamreports.exports.runners.tasks.TasksRunner"

if "EXPORTS_BROKER" in os.environ:
    STREAMREPORTS["EXPORT_RUNNER"] = "streamreports.exports.runners.celery.CeleryRunner"
    STREAMREPORTS["EXPORT_ATTEMPTS"] = 9  # A test kills workers whatever they do.
    CELERY_BROKER_URL = os.environ["EXPORTS_BROKER"]
    CELERY_TASK_DEFAULT_QUEUE = os.environ["EXPORTS_QUEUE"]
    CELERY_BEAT_SCHEDULE = {
        "submit": {"task": "streamreports.exports.submit_waiting", "schedule": 0.5}
    }
    CELERY_BEAT_SCHEDULE_FILENAME = str(FOLDER / "beat")
LOGGING = {}
