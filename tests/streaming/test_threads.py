import threading

import pytest
from asgiref.sync import async_to_sync
from django.db import connections

from streamreports.streaming.threads import has_event_loop, run_in_thread
from tests.models import Maker


def test_there_is_no_event_loop_in_a_plain_thread():
    assert has_event_loop() is False


def test_there_is_an_event_loop_in_a_coroutine():
    @async_to_sync
    async def ask():
        return has_event_loop()

    assert ask() is True


def test_the_function_runs_in_another_thread():
    threads = []
    run_in_thread(lambda: threads.append(threading.get_ident()), "Closing")
    assert threads != [threading.get_ident()]


def test_a_function_that_finishes_in_time_is_not_logged(caplog):
    run_in_thread(lambda: None, "Closing")
    assert caplog.messages == []


def test_a_function_that_goes_on_is_logged_and_not_waited_for(caplog, monkeypatch):
    monkeypatch.setattr("streamreports.streaming.threads.WAIT_SECONDS", 0.05)
    proceed, done = threading.Event(), threading.Event()

    def wait():
        proceed.wait(60)
        done.set()

    run_in_thread(wait, "Closing CargoCsvView")
    assert done.is_set() is False
    proceed.set()
    assert done.wait(60)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "Closing CargoCsvView has not finished after 0.05 s.")
    ]


@pytest.mark.parametrize("error", [None, ValueError("no")])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_connections_of_the_thread_are_closed(own_connection, error):
    if own_connection.vendor == "sqlite":
        pytest.skip("SQLite in memory is for one thread.")
    used = []

    def count():
        Maker.objects.count()
        used.append(connections["default"])
        if error:
            raise error

    run_in_thread(count, "Counting")
    assert [connection.connection for connection in used] == [None]
