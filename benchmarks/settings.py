"""Settings of the benchmark. The environment variable BENCHMARK_DATABASE selects the database."""

import os
import tempfile
from pathlib import Path
from typing import Any

from demo_project.settings import database

NAME = "streamreports_benchmark"
KIND = os.environ.get("BENCHMARK_DATABASE", "sqlite")

SECRET_KEY = "measured-and-never-deployed"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["streamreports", "benchmarks"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"
USE_TZ = True
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]  # for django-tables2
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
}

DATABASES = {"default": {**database(KIND), "NAME": NAME}}
if KIND == "sqlite":
    path = Path(tempfile.gettempdir()) / f"{NAME}.sqlite3"
    DATABASES["default"]["NAME"] = os.environ.get("BENCHMARK_SQLITE", str(path))
