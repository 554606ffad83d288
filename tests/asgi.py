"""Be an ASGI server, and a client that may leave at any moment."""

import asyncio
import threading

from django.core.handlers.asgi import ASGIHandler

HANGS = 120  # seconds: longer than a machine may stand still; then something never ends


class Exchange:
    """One request to the site and what comes back, as messages.

    ``on_send`` is called with each message before it counts as sent; it may raise, wait or
    have the client leave.
    """

    def __init__(self, path, *, method="GET", headers=(), on_send=None):
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"testserver"), *headers],
            "client": ("127.0.0.1", 50000),
            "server": ("testserver", 80),
        }
        self.on_send = on_send
        self.sent = []
        self.noticed = threading.Event()  # The site was told that the client has left.
        self._asked = False

    async def run(self):
        """Have the site answer, and return when it is done with the request."""
        self._loop = asyncio.get_running_loop()
        self._left = asyncio.Event()
        await ASGIHandler()(self.scope, self._receive, self._send)

    def leave(self):
        """Have the client leave; any thread may call this."""
        self._loop.call_soon_threadsafe(self._left.set)

    async def leave_while_sending(self):
        """Have the client leave while a message is under way, which never arrives."""
        self._left.set()
        await asyncio.Event().wait()

    def leave_and_wait(self):
        """Have the client leave while the request's own thread is at work."""
        self.leave()
        assert self.noticed.wait(HANGS)

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    async def _receive(self):
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        self.noticed.set()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if self.on_send is not None:
            await self.on_send(self, message)
        self.sent.append(message)
