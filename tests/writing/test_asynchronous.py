import asyncio
import contextvars
import gc
import threading

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.utils import translation

from streamreports.exceptions import ReportError
from streamreports.writing.asynchronous import items_of
from tests.asgi import HANGS
from tests.connections import in_thread
from tests.models import Maker
from tests.views import make, name

tenant = contextvars.ContextVar("tenant", default="nobody")


def below_a_server(function):
    """Call a function as an ASGI server has a synchronous view called."""

    async def main():
        async with asyncio.timeout(HANGS):
            return await sync_to_async(function)()

    return async_to_sync(main)()


def alone(function):
    """Call a function as a WSGI server calls a view."""
    return function()


both = pytest.mark.parametrize("called", [alone, below_a_server])


async def numbers(count, ended=None):
    try:
        for number in range(count):
            await asyncio.sleep(0)
            yield number
    finally:
        await asyncio.sleep(0)
        if ended is not None:
            ended.append(asyncio.get_running_loop())


@both
def test_items_are_yielded_in_order(called):
    assert called(lambda: list(items_of(numbers(5)))) == [0, 1, 2, 3, 4]


@both
def test_an_iterator_without_aclose_can_be_read(called):
    class Countdown:
        def __init__(self):
            self.left = 3

        def __aiter__(self):
            return self

        async def __anext__(self):
            self.left -= 1
            if self.left < 0:
                raise StopAsyncIteration
            return self.left

    assert called(lambda: list(items_of(Countdown()))) == [2, 1, 0]


@both
def test_all_items_are_awaited_in_one_loop(called):
    """What belongs to a loop, such as the connections of a client, works from item to item."""

    async def from_queue():
        queue = asyncio.Queue()
        for number in range(3):
            asyncio.get_running_loop().call_later(0.001, queue.put_nowait, number)
            yield await queue.get()

    assert called(lambda: list(items_of(from_queue()))) == [0, 1, 2]


def test_below_a_server_that_loop_is_the_one_of_the_server():
    async def main():
        loop = asyncio.get_running_loop()

        async def same_loop():
            for _ in range(3):
                yield asyncio.get_running_loop() is loop

        return await sync_to_async(lambda: list(items_of(same_loop())))()

    assert async_to_sync(main)() == [True, True, True]


def test_the_loop_of_the_server_is_not_blocked():
    """Another coroutine of the server sets what the iterator waits for."""

    async def main():
        event = asyncio.Event()

        async def wait():
            await event.wait()
            yield "set"

        asyncio.get_running_loop().call_later(0.01, event.set)
        async with asyncio.timeout(HANGS):
            return await sync_to_async(lambda: list(items_of(wait())))()

    assert async_to_sync(main)() == ["set"]


@both
def test_queries_run_in_the_thread_that_asks_for_items(called):
    def threads():
        async def generate():
            for _ in range(2):
                yield await sync_to_async(threading.get_ident)()

        return [set(items_of(generate())), {threading.get_ident()}]

    asked, asking = called(threads)
    assert asked == asking


@both
def test_rows_of_an_open_transaction_are_seen(db, called):
    make(3)

    async def generate():
        async for maker in Maker.objects.order_by("name"):
            yield maker.name

    assert called(lambda: list(items_of(generate()))) == [name(number) for number in range(3)]


@both
def test_language_and_context_variables_are_those_of_the_caller(called):
    async def generate():
        for _ in range(2):
            yield translation.get_language(), tenant.get()

    def read():
        tenant.set("acme")
        with translation.override("de"):
            return list(items_of(generate()))

    assert contextvars.copy_context().run(called, read) == [("de", "acme")] * 2


@both
def test_context_variables_that_it_sets_are_kept(called):
    async def generate():
        tenant.set("acme")
        yield "set"
        yield tenant.get()

    items = contextvars.copy_context().run(called, lambda: list(items_of(generate())))
    assert items == ["set", "acme"]


# The end


@both
def test_it_is_closed_after_its_last_item(called):
    ended = []
    called(lambda: list(items_of(numbers(2, ended))))
    assert len(ended) == 1


@both
def test_it_is_closed_if_no_more_items_are_asked_for(called):
    ended = []

    def read():
        items = items_of(numbers(9, ended))
        next(items)
        items.close()

    called(read)
    assert len(ended) == 1


@both
def test_it_is_closed_if_it_raises(called):
    async def fail():
        yield 1
        raise LookupError("no")

    def read():
        items = items_of(fail())
        next(items)
        with pytest.raises(LookupError, match="no"):
            next(items)
        return list(items)

    assert called(read) == []


@pytest.mark.parametrize("count", [1, 9])
def test_its_own_loop_ends_with_it(count):
    ended = []
    items = items_of(numbers(9, ended))
    for _ in range(count):
        next(items)
    items.close()
    assert ended[0].is_closed()


def test_tasks_that_it_leaves_are_cancelled_with_its_own_loop():
    tasks = []

    async def generate():
        tasks.append(asyncio.create_task(asyncio.sleep(HANGS)))
        yield 1

    assert list(items_of(generate())) == [1]
    assert tasks[0].cancelled()


def test_it_is_closed_in_another_thread_alone():
    ended = []
    items = items_of(numbers(9, ended))
    next(items)
    in_thread(items.close)
    assert len(ended) == 1


def test_it_is_closed_in_another_thread_below_a_server():
    """The thread does not wait for the loop, which may be waiting for the thread."""
    ended = []

    async def main():
        items = await sync_to_async(start)()
        in_thread(items.close)
        async with asyncio.timeout(HANGS):
            while not ended:
                await asyncio.sleep(0.001)

    def start():
        items = items_of(numbers(9, ended))
        next(items)
        return items

    async_to_sync(main)()
    assert len(ended) == 1


def test_an_iterator_whose_loop_has_ended_is_an_error():
    """What it holds belongs to its loop."""

    def start():
        items = items_of(numbers(9))
        next(items)
        return items

    items = below_a_server(start)
    with pytest.raises(RuntimeError, match=r"^The event loop in which an asynchronous iterator"):
        next(items)
    gc.collect()


def test_asgiref_finds_its_own_loop_only_while_an_item_is_made():
    items = items_of(numbers(9))
    next(items)

    async def running():
        return asyncio.get_running_loop()

    assert async_to_sync(running)().is_closed()
    items.close()


def test_an_old_asgiref_is_refused(monkeypatch):
    monkeypatch.setattr("asgiref.__version__", "3.8.1")
    with pytest.raises(ReportError) as raised:
        next(items_of(numbers(1)))
    assert str(raised.value) == (
        "Asynchronous iterators cannot be streamed with asgiref 3.8.1. Install asgiref 3.9 or"
        " later."
    )
