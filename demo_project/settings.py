"""Settings of the demo site. The environment variable DATABASE selects the database."""

import os
from pathlib import Path
from typing import Any

from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

# For the demo only: the key is public.
SECRET_KEY = "demo-only-and-public-never-use-this-key-for-a-real-site"  # noqa: S105

DEBUG = os.environ.get("DEBUG", "1").lower() in {"1", "true", "yes", "on"}

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_filters",
    "streamreports",
    "streamreports.logs",
    "streamreports.exports",
    "demo_project.cargo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "demo_project.urls"
WSGI_APPLICATION = "demo_project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "demo_project" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "demo_project.cargo.jinja.environment",
            "context_processors": ["demo_project.cargo.jinja.language"],
        },
    },
]


def database(kind: str) -> dict[str, Any]:
    """Return the settings for a database, using the environment variables of its clients.

    Raises ImproperlyConfigured for an unknown database.
    """
    env = os.environ.get
    if kind == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": env("SQLITE_NAME", BASE_DIR / "demo.sqlite3"),
            "OPTIONS": {
                # Write-ahead logging: downloads and writers do not block each other.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
                "timeout": 20,  # seconds to wait for another writer
            },
        }
    if kind == "postgresql":
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": env("PGDATABASE", "streamreports"),
            "USER": env("PGUSER", ""),
            "PASSWORD": env("PGPASSWORD", ""),
            "HOST": env("PGHOST", ""),
            "PORT": env("PGPORT", ""),
        }
    if kind == "mysql":
        return {
            "ENGINE": "django.db.backends.mysql",
            "NAME": env("MYSQL_DATABASE", "streamreports"),
            "USER": env("MYSQL_USER", ""),
            "PASSWORD": env("MYSQL_PASSWORD") or env("MYSQL_PWD", ""),
            "HOST": env("MYSQL_HOST", ""),
            "PORT": env("MYSQL_TCP_PORT", ""),
        }
    raise ImproperlyConfigured(
        f"Invalid database {kind!r} in DATABASE. Use sqlite, postgresql or mysql."
    )


DATABASES = {"default": database(os.environ.get("DATABASE", "sqlite"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def storage() -> dict[str, Any]:
    """Return the storage of exports: a bucket if S3_BUCKET names one, else a folder.

    boto3 reads the address of the server and the keys from AWS_ENDPOINT_URL_S3, AWS_DEFAULT_REGION,
    AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    """
    if bucket := os.environ.get("S3_BUCKET"):
        return {
            "BACKEND": "streamreports.exports.s3.PrivateS3Storage",
            "OPTIONS": {
                "bucket_name": bucket,
                # Browsers cannot reach a server that has a name for containers only.
                "presigned_urls": False,
            },
        }
    return {
        "BACKEND": "streamreports.exports.storage.PrivateFileSystemStorage",
        "OPTIONS": {"location": BASE_DIR / "exports"},
    }


STORAGES = {**global_settings.STORAGES, "streamreports": storage()}

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("pt-br", "Português Brasileiro"),
    ("ja", "日本語"),
]
LOCALE_PATHS = [BASE_DIR / "demo_project" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "cargo:home"
LOGOUT_REDIRECT_URL = "cargo:home"

STREAMREPORTS: dict[str, Any] = {"LOG_REPORTS": True}  # the page "Report logs" of the admin

if os.environ.get("EXPORTS") == "celery":  # on many machines: see compose.yaml
    STREAMREPORTS["EXPORT_RUNNER"] = "streamreports.exports.runners.celery.CeleryRunner"
    CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1")
    CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # An export waits for no other one of the same worker.
    CELERY_BEAT_SCHEDULE = {
        "submit exports": {"task": "streamreports.exports.submit_waiting", "schedule": 60},
        "prune exports": {"task": "streamreports.exports.prune", "schedule": 24 * 60 * 60},
    }

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "short": {"format": "[{asctime}] {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "short"}},
    "loggers": {"streamreports": {"handlers": ["console"], "level": "INFO"}},
}
