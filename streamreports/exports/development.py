"""A worker in a thread of the development server, so that no other process is needed."""

import atexit
import os
import sys
from contextlib import suppress
from threading import Event, Thread

from django.apps import apps
from django.conf import settings
from django.db import connections, router
from django.db.utils import Error

from streamreports.conf import get_settings
from streamreports.exceptions import ReportError
from streamreports.exports.models import Export
from streamreports.exports.running import process_name
from streamreports.exports.worker import run_exports

END_SECONDS = 2  # A worker notices within half a second that it must stop.


def serves() -> bool:
    """Return True in the serving process of ``manage.py runserver``, if DEBUG is True.

    Its parent process restarts it when the code changes. If a runner is configured, return False.
    """
    if sys.argv[1:2] != ["runserver"] or not settings.DEBUG:
        return False
    if os.environ.get("RUN_MAIN") != "true" and "--noreload" not in sys.argv:
        return False
    try:
        return get_settings().export_runner is None
    except ReportError:  # The system checks report it.
        return False


def start_worker() -> None:
    """Run waiting exports in a thread until the process ends."""
    stop = Event()
    thread = Thread(target=run_worker, args=[stop], name="exports", daemon=True)
    thread.start()
    atexit.register(end, thread, stop)


def run_worker(stop: Event) -> None:
    """Run waiting exports, as ``manage.py exports run`` does."""
    apps.ready_event.wait()
    while not has_table():  # runserver warns about unapplied migrations.
        if stop.wait(1):
            return
    for _key in run_exports(poll=1, stop=stop):
        pass


def has_table() -> bool:
    """Return True if the table of exports exists."""
    connection = connections[router.db_for_write(Export)]
    try:
        return Export._meta.db_table in connection.introspection.table_names()
    except Error:
        return False
    finally:
        connection.close()


def end(thread: Thread, stop: Event) -> None:
    """Release a running export, since the server is restarted whenever the code changes."""
    stop.set()
    with suppress(Error):
        for export in Export.objects.filter(lease_owner__startswith=process_name()):
            export.release(export.lease_owner)
    thread.join(END_SECONDS)
