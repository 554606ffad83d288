"""Settings of ``--exports``: those of the benchmark, with the app of exports and log-in."""

import tempfile
from pathlib import Path

from django.conf import global_settings

from benchmarks.settings import *  # noqa: F403
from benchmarks.settings import INSTALLED_APPS, NAME

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    *INSTALLED_APPS,
    "streamreports.exports",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "benchmarks.export_urls"
STORAGES = {
    **global_settings.STORAGES,
    "streamreports": {
        "BACKEND": "streamreports.exports.storage.PrivateFileSystemStorage",
        "OPTIONS": {"location": Path(tempfile.gettempdir(), f"{NAME}_files")},
    },
}
