"""Fixtures of the tests of exports."""

from functools import partial

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from streamreports.exports import sending
from streamreports.exports.signals import export_finished
from streamreports.exports.storage import get_storage, save_blocks
from tests.exports.serving import CONTENT, KEY
from tests.exports.sites import started_site
from tests.exports.support import user_called


@pytest.fixture
def storage(settings, tmp_path):
    """Return the storage of exports, in a folder that does not exist yet."""
    settings.STORAGES = {
        **settings.STORAGES,
        "streamreports": {
            "BACKEND": "streamreports.exports.storage.PrivateFileSystemStorage",
            "OPTIONS": {"location": tmp_path / "exports"},
        },
    }
    return get_storage()


@pytest.fixture
def _kept_connection():
    """Have the end of a request leave the connection alone, as the test client does."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@pytest.fixture
def stored(storage):
    save_blocks([CONTENT], KEY)
    return storage


@pytest.fixture
def opened(stored, monkeypatch):
    """Return the files that have been opened, in order."""
    files, open_file = [], type(stored).open

    def noted(self, *args):
        files.append(open_file(self, *args))
        return files[-1]

    monkeypatch.setattr(type(stored), "open", noted)
    return files


@pytest.fixture
def site(settings, storage, monkeypatch):
    """Have the reports of the tests at their addresses; return the storage for their files."""
    settings.ROOT_URLCONF = "tests.exports.support"
    settings.LOGIN_URL = "/log-in/"
    settings.TEMPLATES = [{**engine, "DIRS": []} for engine in settings.TEMPLATES]
    sending.get_handler.cache_clear()
    # The end of an export's request would close the connection, and so the transaction of the test.
    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda self: None)
    yield storage
    sending.get_handler.cache_clear()


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Return a context that does at its end what waits for the commit of the transaction."""
    return partial(django_capture_on_commit_callbacks, execute=True)


@pytest.fixture
def ana(site, client):
    """Return the test client, logged in as the user who owns the exports of ``create()``."""
    client.force_login(user_called("ana"))
    return client


@pytest.fixture
def bea(site):
    """Return a client of another user."""
    client = Client()
    client.force_login(user_called("bea"))
    return client


@pytest.fixture
def finished_exports():
    """Return the exports for which ``export_finished`` was sent, in order."""
    sent = []

    def receive(export, **kwargs):
        sent.append(export)

    export_finished.connect(receive)
    yield sent
    export_finished.disconnect(receive)


@pytest.fixture
def worker_site(tmp_path, own_connection, monkeypatch):
    """Return a site for workers that are processes of their own."""
    with started_site(tmp_path, monkeypatch) as site:
        yield site
