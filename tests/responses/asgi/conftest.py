"""The environment of the tests under ASGI."""

import gc

import pytest


@pytest.fixture(autouse=True)
def _no_transaction(own_connection, settings, monkeypatch):
    """Run outside any transaction, without the middleware of the demo, and with small blocks."""
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    monkeypatch.setattr("streamreports.responses.ASYNC_BLOCK_SIZE", 64 * 1024)
    yield
    gc.collect()
