"""Settings of the site; the environment says on which database it is, and how it is used.

DATABASE: sqlite, postgresql or mysql; the database's usual variables say where.
DATABASE_SETTINGS: JSON, put over those of the database: CONN_MAX_AGE, ATOMIC_REQUESTS, OPTIONS.
MIDDLEWARE: dotted names, separated by spaces.
EXPORTS_FOLDER: where the files of exports are. STREAMREPORTS: JSON, the settings of the app.
"""

import json
import os
from pathlib import Path

from demo_project.settings import database

SECRET_KEY = "tested-and-never-deployed"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["streamreports", "benchmarks"]
MIDDLEWARE = os.environ.get("MIDDLEWARE", "").split()
ROOT_URLCONF = "tests.servers.site.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [Path(__file__).parent / "jinja2"],
        "OPTIONS": {"keep_trailing_newline": True},
    },
]
TIME_ZONE = "UTC"
USE_TZ = True

DATABASES = {
    "default": {
        **database(os.environ.get("DATABASE", "postgresql")),
        **json.loads(os.environ.get("DATABASE_SETTINGS", "{}")),
    }
}

STORAGES = {
    "streamreports": {
        "BACKEND": "streamreports.exports.storage.PrivateFileSystemStorage",
        "OPTIONS": {"location": os.environ.get("EXPORTS_FOLDER", "/nonexistent")},
    },
}
STREAMREPORTS = json.loads(os.environ.get("STREAMREPORTS", "{}"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"streamreports": {"level": "INFO"}},
}
