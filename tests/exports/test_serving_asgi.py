"""A file out of the storage on an asynchronous server."""

import asyncio
import io

import pytest
from django.core.files.base import File
from django.test.client import AsyncRequestFactory
from django.urls import path

from tests.asgi import Exchange
from tests.exports.serving import CONTENT, WHOLE, BreakingFile, answer

pytestmark = pytest.mark.usefixtures("_kept_connection")

urlpatterns = [path("file", answer)]


@pytest.fixture
def site(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware"]


def exchange(**kwargs):
    made = Exchange("/file", **kwargs)
    asyncio.run(made.run())
    return made


def test_an_asynchronous_server_is_sent_the_file(site, opened):
    made = exchange(headers=[(b"accept-encoding", b"gzip")])
    assert (made.status, made.headers, made.body) == (
        200,
        {**WHOLE, "Vary": "Accept-Encoding"},
        CONTENT,
    )
    assert [file.closed for file in opened] == [True]


def test_an_asynchronous_server_is_sent_a_range(site, stored):
    made = exchange(headers=[(b"range", b"bytes=70000-200000")])
    assert (made.status, made.body) == (206, CONTENT[70000:200001])


def test_files_are_not_read_in_the_thread_of_the_loop(stored, monkeypatch):
    def running(*args):
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return io.BytesIO.read(file, *args)
        raise AssertionError("This blocks the loop.")

    file = io.BytesIO(CONTENT)
    monkeypatch.setattr(type(stored), "open", lambda *args: file)
    response = answer(AsyncRequestFactory().get("/"))
    monkeypatch.setattr(response._iterator._body, "_file", Reader(file, running))

    async def read():
        return [block async for block in response]

    assert b"".join(asyncio.run(read())) == CONTENT


class Reader:
    def __init__(self, file, read):
        self.read = read
        self.close = file.close


def test_the_file_is_closed_when_the_client_of_an_asynchronous_server_leaves(site, opened):
    async def leave(made, message):
        if message["type"] == "http.response.body":
            await made.leave_while_sending()

    made = exchange(on_send=leave)
    assert [message["type"] for message in made.sent] == ["http.response.start"]
    assert [file.closed for file in opened] == [True]


def test_the_file_is_closed_when_it_fails_on_an_asynchronous_server(stored, monkeypatch):
    class SlowlyBreaking(BreakingFile):
        def read(self, *args):
            return super().read(10)

    file = SlowlyBreaking(CONTENT)
    monkeypatch.setattr(type(stored), "open", lambda *args: File(file))
    response = answer(AsyncRequestFactory().get("/"))

    async def read():
        return [block async for block in response]

    with pytest.raises(OSError, match="The disk is gone"):
        asyncio.run(read())
    assert file.closed
