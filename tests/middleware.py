"""Middleware that does what a site's own may do around a report."""

from contextvars import ContextVar

from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone, translation

from tests.models import Maker

tenant = ContextVar("tenant", default="nobody")
statements = []


def remember_statement(execute, sql, params, many, context):
    statements.append(sql)
    return execute(sql, params, many, context)


def activate_context(get_response):
    """Set everything that can be set with a context manager."""

    def middleware(request):
        token = tenant.set("acme")
        with (
            translation.override("de"),
            timezone.override("Asia/Tokyo"),
            connection.execute_wrapper(remember_statement),
        ):
            response = get_response(request)
        tenant.reset(token)
        return response

    return middleware


def fail_afterwards(get_response):
    """Raise when the view has answered."""

    def middleware(request):
        get_response(request)
        raise RuntimeError("middleware failed")

    return middleware


def replace(get_response):
    """Put another response in place of the view's."""

    def middleware(request):
        get_response(request)
        return HttpResponse("something else")

    return middleware


def write_afterwards(get_response):
    """Write to the database when the view has answered."""

    def middleware(request):
        response = get_response(request)
        Maker.objects.create(name="written by middleware")
        return response

    return middleware


def roll_back_afterwards(get_response):
    """Begin to write to the database when the view has answered, and think better of it."""

    def middleware(request):
        response = get_response(request)
        with transaction.atomic():
            Maker.objects.create(name="never written")
            transaction.set_rollback(True)
        return response

    return middleware


def wrap_blocks(wrapper):
    """Return middleware that wraps the blocks of an asynchronous response."""

    def factory(get_response):
        def middleware(request):
            response = get_response(request)
            response.streaming_content = wrapper(response.streaming_content)
            return response

        return middleware

    return factory


@wrap_blocks
async def shout(blocks):
    async for block in blocks:
        yield block.upper()


@wrap_blocks
async def fail_on_second_block(blocks):
    yield await anext(blocks)
    raise RuntimeError("middleware failed")


@wrap_blocks
def send_something_else(blocks):
    return [b"something ", b"else"]
