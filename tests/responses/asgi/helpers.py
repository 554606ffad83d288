"""Exchange messages with the site as an ASGI server does."""

import asyncio
import gc

from asgiref.sync import async_to_sync
from django.urls import path

from tests.asgi import HANGS


def serve(settings, view_class, *names, **initkwargs):
    """Have a view answer at /report/, inside middleware of tests.middleware."""
    settings.ROOT_URLCONF = (path("report/", view_class.as_view(**initkwargs)),)
    settings.MIDDLEWARE = [f"tests.middleware.{name}" for name in names]


def run(exchange):
    """Have an exchange take place, with all work on the database in this thread.

    Where it never ends, that is an error.
    """

    async def limited():
        async with asyncio.timeout(HANGS):
            await exchange.run()

    async_to_sync(limited)()
    gc.collect()
    return exchange


def run_as_a_server_does(exchange):
    """Have an exchange take place, with all work on the database in a thread of its own."""

    async def limited():
        async with asyncio.timeout(HANGS):
            await exchange.run()
        exchange.on_send = None
        gc.collect()

    asyncio.run(limited())
    gc.collect()
    return exchange


def is_block(message):
    return message["type"] == "http.response.body" and message.get("more_body")


def at_message(number, action):
    """Return what to do with each message: nothing, and with the given one something."""

    async def on_send(exchange, message):
        if len(exchange.sent) == number:
            await action(exchange, message)

    return on_send


async def raise_os_error(exchange, message):
    raise OSError("connection lost")


async def leave(exchange, message):
    await exchange.leave_while_sending()
