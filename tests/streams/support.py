"""Streams that are not reports, from view classes and from functions."""

import asyncio
from functools import partial

from django.http import HttpRequest
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from streamreports.shortcuts import stream
from streamreports.views import StreamingView
from tests.models import Maker


class MakersView(StreamingView):
    """Yield a list of makers; fail instead of the one called as ``fails_at`` says.

    ``ended``: the events after which the generator has ended.
    """

    fails_at = None

    def generate(self):
        yield from makers(self.fails_at)


class AsyncMakersView(MakersView):
    """Do the same with an asynchronous generator."""

    async def generate(self):
        yield SafeString("<ul>")
        async for maker in Maker.objects.order_by("name"):
            check(maker, self.fails_at)
            await asyncio.sleep(0)
            yield format_html("<li>{}</li>", maker.name)
        yield SafeString("</ul>")


def makers(fails_at=None):
    yield SafeString("<ul>")
    for maker in Maker.objects.order_by("name").iterator(chunk_size=100):
        check(maker, fails_at)
        yield format_html("<li>{}</li>", maker.name)
    yield SafeString("</ul>")


def check(maker, fails_at):
    if maker.name == fails_at:
        raise LookupError(f"no {maker.name}")


def makers_view(request: HttpRequest, fails_at=None):
    """Send the same from a function."""
    return stream(request, makers(fails_at))


def save(*names):
    Maker.objects.bulk_create(Maker(name=name) for name in names)


def body(*names):
    return "".join(["<ul>", *(f"<li>{name}</li>" for name in names), "</ul>"]).encode()


def serve(settings, view, *middleware, **options):
    """Have a view class or a function answer at /report/, inside middleware."""
    if isinstance(view, type):
        view = view.as_view(**options)
    elif options:
        view = partial(view, **options)
    settings.ROOT_URLCONF = (path("report/", view),)
    settings.MIDDLEWARE = [
        name if "." in name else f"tests.middleware.{name}" for name in middleware
    ]
