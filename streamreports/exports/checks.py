"""System checks of the settings for exports."""

import os
from collections.abc import Iterator, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage, Storage
from django.db import connections, router

from streamreports.backends.registry import get_backend
from streamreports.conf import get_settings
from streamreports.exceptions import ReportError
from streamreports.exports.models import Export
from streamreports.exports.queueing import get_runner, runner_problems
from streamreports.exports.sending import get_sender
from streamreports.exports.storage import ALIAS, PrivateFileSystemStorage, get_storage

PUBLIC_FOLDERS = ["MEDIA_ROOT", "STATIC_ROOT"]  # Web servers publish them.


def check_storage(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return the errors in the storage of exports."""
    try:
        storage = get_storage()
    except ReportError as error:
        return [error.as_message("E020")]
    except Exception as error:  # noqa: BLE001  A storage may raise anything.
        problem = ReportError(
            f"The storage of exports cannot be used: {type(error).__name__}: {error}",
            f"Check the entry {ALIAS!r} of STORAGES.",
        )
        return [problem.as_message("E020")]
    return [
        *(error.as_message("E021") for error in location_errors(storage)),
        *(error.as_message("W020") for error in backend_warnings(storage)),
    ]


def check_runner(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what is wrong with the runner of exports, and with the settings of its queue."""
    try:
        problems = list(runner_problems(get_runner()))
    except ReportError as error:
        return [error.as_message("E022")]
    except Exception as error:  # noqa: BLE001  A runner may raise anything.
        problem = ReportError(
            f"The runner of exports cannot be used: {type(error).__name__}: {error}",
            "Correct STREAMREPORTS['EXPORT_RUNNER'], or remove it: manage.py exports run needs no"
            " runner.",
        )
        return [problem.as_message("E022")]
    return [error.as_message(number) for number, error in problems]


def check_request(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return the error in the function that sends the requests of exports, if any."""
    try:
        get_settings()
    except ReportError:  # Another check reports it.
        return []
    try:
        signature(get_sender()).bind("request", "export")
    except Exception as error:  # noqa: BLE001  A module may raise anything.
        problem = ReportError(
            f"The function that sends the requests of exports cannot be used:"
            f" {type(error).__name__}: {error}",
            "Set STREAMREPORTS['EXPORT_REQUEST'] to the dotted path of a function that takes the"
            " request and the export, or remove it.",
        )
        return [problem.as_message("E030")]
    return []


def check_mail(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return a warning if a mail server that does not answer would hold up a worker."""
    try:
        is_sent = get_settings().export_send_mail
    except ReportError:  # Another check reports it.
        return []
    if not is_sent or mail_timeout() is not None:
        return []
    problem = ReportError(
        "STREAMREPORTS['EXPORT_SEND_MAIL'] is True, and no timeout is set for mail servers: a"
        " server that does not respond blocks a worker.",
        "Set EMAIL_TIMEOUT, or 'timeout' in the OPTIONS of MAILERS.",
    )
    return [problem.as_message("W021")]


def check_core(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error if the app with the templates and the other checks is not installed."""
    if apps.is_installed("streamreports"):
        return []
    problem = ReportError(
        "'streamreports.exports' is installed, but 'streamreports' is not.",
        "Add 'streamreports' to INSTALLED_APPS.",
    )
    return [problem.as_message("E028")]


def check_owner(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return an error if exports and their owners are in different databases."""
    exports, users = router.db_for_write(Export), router.db_for_write(get_user_model())
    if exports == users:
        return []
    problem = ReportError(
        f"Exports are in the database {exports!r}, and users in {users!r}. Each export has a"
        " foreign key to its owner, which cannot lead to another database.",
        f"Configure the database router to write streamreports_exports to {users!r}.",
    )
    return [problem.as_message("E027")]


def check_sqlite(
    app_configs: Sequence[AppConfig] | None = None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """Return an error if exports are in a file of SQLite without a write-ahead log.

    There, a report that is read would keep the worker from recording how far it is.
    """
    using = router.db_for_write(Export)
    if using not in (databases or []):
        return []
    if get_backend(connections[using]).features.allows_concurrent_writes:
        return []
    problem = ReportError(
        f"Exports are in the database {using!r}, which has no write-ahead log: while a report is"
        " read, nothing can be written.",
        f"Add to DATABASES[{using!r}]['OPTIONS']: 'init_command': 'PRAGMA journal_mode=WAL'.",
    )
    return [problem.as_message("E023")]


def mail_timeout() -> float | None:
    """Return the time limit for mail servers in seconds; 0 for a backend that is not Django's."""
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    mailers = getattr(settings, "MAILERS", None)
    if mailers and hasattr(mail, "mailers"):  # since Django 6.1
        mailer = mailers.get("default", {})
        backend, timeout = mailer.get("BACKEND", smtp), mailer.get("OPTIONS", {}).get("timeout")
    else:
        backend, timeout = settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT
    return timeout if backend == smtp else 0


def location_errors(storage: Storage) -> Iterator[ReportError]:
    """Yield an error for each public folder that contains the location, or is inside it.

    A location that cannot be a folder is an error, too. It is created with the first file.
    """
    if not isinstance(storage, FileSystemStorage):
        return
    location = Path(storage.location).resolve()
    parent = next(each for each in [location, *location.parents] if each.exists())
    if not parent.is_dir() or not os.access(parent, os.R_OK | os.X_OK):
        yield ReportError(
            f"The location of the storage of exports is {location}, but {parent} is not a folder,"
            " or this user may not read it.",
            f"Give the entry {ALIAS!r} of STORAGES the path of a folder that workers can write to.",
        )
    for name in PUBLIC_FOLDERS:
        root = getattr(settings, name, None)
        if not root:
            continue
        folder = Path(root).resolve()
        if location.is_relative_to(folder) or folder.is_relative_to(location):
            yield ReportError(
                f"The location of the storage of exports, {location}, and {name}, {folder},"
                " overlap. Web servers publish what is there.",
                f"Give the entry {ALIAS!r} of STORAGES a separate location.",
            )


def backend_warnings(storage: Storage) -> Iterator[ReportError]:
    """Yield a warning if there is a better storage for exports in the same place."""
    name, better = type(storage).__name__, None
    bases = {f"{base.__module__}.{base.__qualname__}" for base in type(storage).__mro__}
    if isinstance(storage, FileSystemStorage) and not isinstance(storage, PrivateFileSystemStorage):
        better = "streamreports.exports.storage.PrivateFileSystemStorage"
    elif "storages.backends.s3.S3Storage" in bases:
        better = "streamreports.exports.s3.PrivateS3Storage"
    if better is not None and better not in bases:
        yield ReportError(
            f"{name} is not designed for exports: a file may be public, or visible before it is"
            " complete.",
            f'Use {{"BACKEND": "{better}"}} in the entry {ALIAS!r} of STORAGES.',
        )
