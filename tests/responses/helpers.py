"""Send reports and read their responses."""

import asyncio
import re

from asgiref.sync import async_to_sync
from django.urls import path

from streamreports.formats.csv import CsvFormat
from streamreports.reports import Report
from streamreports.responses import ReportResponse
from tests.asgi import HANGS
from tests.models import Maker

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
]


class Sender:
    """What the reports of these tests are sent by."""


def respond(request, queryset=None, columns=("name", "size"), format_class=CsvFormat, **kwargs):
    """Return the response with a report, built without a view."""
    queryset = Maker.objects.order_by("name") if queryset is None else queryset
    stream = Report(queryset, columns).stream(format_class())
    return ReportResponse(
        stream, request=request, **{"filename": "makers.csv", "sender": Sender, **kwargs}
    )


def serve(settings, view_class, *names, **initkwargs):
    """Have a view answer at /report/, inside middleware of tests.middleware."""
    settings.ROOT_URLCONF = (path("report/", view_class.as_view(**initkwargs)),)
    settings.MIDDLEWARE = [*MIDDLEWARE, *(f"tests.middleware.{name}" for name in names)]


def read(response):
    """Return the whole body of a response to a synchronous client."""
    return b"".join(response)


@async_to_sync
async def fetch(async_client, **headers):
    """Return the body that an asynchronous client is sent."""
    async with asyncio.timeout(HANGS):
        response = await async_client.get("/report/", headers=headers)
        return b"".join([block async for block in response])


def outcomes(finished):
    return [sent["outcome"] for sent in finished]


def messages(caplog):
    return [
        (record.levelname, re.sub(r"\d+\.\d\d s$", "? s", record.getMessage()))
        for record in caplog.records
        if record.name == "streamreports"
    ]
