"""Settings of the test suite: those of the demo, on the database that TEST_DATABASE names."""

import os

from demo_project.settings import *  # noqa: F403
from demo_project.settings import INSTALLED_APPS, database

DATABASES = {"default": database(os.environ.get("TEST_DATABASE", "sqlite"))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["NAME"] = ":memory:"

INSTALLED_APPS = [*INSTALLED_APPS, "tests"]
# The tests create their tables from the models: running the migrations takes longer.
MIGRATION_MODULES = dict.fromkeys(
    [
        "admin",
        "auth",
        "cargo",
        "contenttypes",
        "sessions",
        "streamreports_exports",
        "streamreports_logs",
    ]
)
STREAMREPORTS = {}  # Tests of a setting change it.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("pt-br", "Português")]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING_CONFIG = None
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}  # Django 6.1
