import threading
import time
from contextlib import contextmanager
from functools import partial

import pytest

from streamreports.backends.sqlite.scheduling import FairScheduler

LONG, SHORT = 30, 0.01  # seconds: much longer, and much shorter, than anything here takes


def fail():
    raise ValueError("no")


@contextmanager
def at_work(turns, turn_seconds=LONG):
    """Have another thread in the middle of a call; yield what ends it."""
    begun, end = threading.Event(), threading.Event()

    def work():
        begun.set()
        assert end.wait(LONG)

    thread = threading.Thread(target=turns.call, args=[work, turn_seconds])
    thread.start()
    try:
        assert begun.wait(LONG)
        yield lambda: (end.set(), thread.join())
    finally:
        end.set()
        thread.join()


@contextmanager
def waiting(turns):
    """Have another thread wait for its turn; yield the event of its call."""
    called = threading.Event()
    thread = threading.Thread(target=turns.call, args=[called.set, LONG])
    thread.start()
    yield called
    thread.join()


def test_a_call_gives_its_result():
    assert FairScheduler().call(lambda: 7, LONG) == 7


def test_a_call_that_raises_raises_and_ends_its_turn():
    turns = FairScheduler()
    with pytest.raises(ValueError, match="no"):
        turns.call(fail, LONG)
    assert turns.call(lambda: 7, LONG) == 7


def test_a_call_waits_for_the_one_before():
    turns = FairScheduler()
    with at_work(turns) as end, waiting(turns) as called:
        assert not called.wait(0.1)
        end()
        assert called.wait(LONG)


def test_a_call_that_takes_long_is_not_waited_for():
    turns = FairScheduler()
    with at_work(turns, SHORT):
        assert turns.call(lambda: 7, LONG) == 7


def test_a_call_that_took_long_does_not_end_the_turn_of_another():
    turns = FairScheduler()
    with at_work(turns, SHORT) as end_slow, at_work(turns) as end, waiting(turns) as called:
        end_slow()
        assert not called.wait(0.1)
        end()
        assert called.wait(LONG)


def test_calls_come_in_the_order_in_which_they_were_asked_for():
    turns, called = FairScheduler(), []
    with at_work(turns) as end:
        threads = []
        for number in range(5):
            threads.append(
                threading.Thread(target=turns.call, args=[partial(called.append, number), LONG])
            )
            threads[-1].start()
            while len(turns._waiting) <= number:
                time.sleep(0.001)
        end()
    for thread in threads:
        thread.join()
    assert called == [0, 1, 2, 3, 4]


def test_one_who_asks_again_at_once_lets_others_go_first():
    turns, called = FairScheduler(), threading.Event()

    def keep_asking():
        while not called.is_set():
            turns.call(lambda: time.sleep(0.001), LONG)

    busy = threading.Thread(target=keep_asking)
    busy.start()
    turns.call(called.set, LONG)
    busy.join()
