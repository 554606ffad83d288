import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone, translation

from streamreports.columns import Column
from tests import middleware
from tests.responses.helpers import fetch, read, serve
from tests.views import FailingCsvView, MakerCsvView, make

# What is in force in the body


class ContextCsvView(MakerCsvView):
    columns = [
        Column(lambda maker: translation.get_language(), label="language"),
        Column(lambda maker: timezone.get_current_timezone_name(), label="zone"),
        Column(lambda maker: middleware.tenant.get(), label="tenant"),
        Column("specimens__char"),
    ]


IN_CONTEXT = b"language,zone,tenant,Specimens char\r\n" + b"de,Asia/Tokyo,acme,\r\n" * 250


def test_the_context_of_the_request_is_active(own_connection, client, settings):
    serve(settings, ContextCsvView, "activate_context")
    make(250)
    assert read(client.get("/report/")) == IN_CONTEXT


def test_the_context_of_the_request_is_active_under_asgi(own_connection, async_client, settings):
    serve(settings, ContextCsvView, "activate_context")
    make(250)
    assert fetch(async_client) == IN_CONTEXT


def test_every_statement_runs_through_the_execute_wrappers(
    own_connection, client, settings, statements
):
    serve(settings, ContextCsvView, "activate_context")
    make(250)
    read(client.get("/report/"))
    selects = [sql for sql in statements if sql.startswith("SELECT")]
    # Each of three chunks prefetches; MariaDB also joins by chunks.
    assert len(selects) == (7 if connection.vendor == "mysql" else 4)


def test_every_statement_runs_through_the_execute_wrappers_under_asgi(
    own_connection, async_client, settings, statements
):
    serve(settings, ContextCsvView, "activate_context")
    make(250)
    fetch(async_client)
    selects = [sql for sql in statements if sql.startswith("SELECT")]
    assert len(selects) == (7 if connection.vendor == "mysql" else 4)


def in_force():
    """Return what is in force here and now."""
    return (
        translation.get_language(),
        timezone.get_current_timezone_name(),
        middleware.tenant.get(),
        connection.execute_wrappers,
    )


def test_nothing_leaks_from_the_body(own_connection, client, settings):
    serve(settings, ContextCsvView, "activate_context")
    make(250)
    seen = [in_force() for _ in client.get("/report/")]
    assert [*seen, in_force()] == [("en", "UTC", "nobody", [])] * (len(seen) + 1)


def test_nothing_leaks_from_the_body_under_asgi(own_connection, async_client, settings):
    serve(settings, ContextCsvView, "activate_context")
    make(250)

    @async_to_sync
    async def look():
        response = await async_client.get("/report/")
        return [in_force()[:3] async for _ in response]

    seen = look()
    assert seen == [("en", "UTC", "nobody")] * len(seen)
    assert in_force() == ("en", "UTC", "nobody", [])


def test_nothing_leaks_from_a_body_that_fails(own_connection, client, settings):
    serve(settings, FailingCsvView, "activate_context", fails_at=150)
    make(250)
    with pytest.raises(LookupError):
        read(client.get("/report/"))
    assert in_force() == ("en", "UTC", "nobody", [])


def test_nothing_leaks_from_a_body_that_is_dropped(own_connection, client, settings):
    serve(settings, MakerCsvView, "activate_context")
    make(250)
    client.get("/report/").close()
    assert in_force() == ("en", "UTC", "nobody", [])


def test_a_column_may_call_asynchronous_code(db, client, settings):
    async def shout(maker):
        return "!"

    serve(settings, MakerCsvView, columns=[Column(async_to_sync(shout), label="shout")])
    make(150)
    assert read(client.get("/report/")) == b"shout\r\n" + b"!\r\n" * 150


def test_a_column_may_call_asynchronous_code_under_asgi(db, async_client, settings):
    async def shout(maker):
        return "!"

    serve(settings, MakerCsvView, columns=[Column(async_to_sync(shout), label="shout")])
    make(150)
    assert fetch(async_client) == b"shout\r\n" + b"!\r\n" * 150
