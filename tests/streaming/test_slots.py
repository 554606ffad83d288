import threading
import time
from contextlib import contextmanager

import pytest

from streamreports.streaming import slots
from streamreports.streaming.slots import acquire_slot
from tests.connections import in_thread

LONG = 60  # seconds: never waited for unless something is wrong


@pytest.fixture(autouse=True)
def _nothing_left():
    yield
    assert dict(slots._holders) == {}


@contextmanager
def slot_of_another_thread(limits):
    """Have another thread hold a slot; yield the event that makes it release the slot."""
    acquired, release = threading.Event(), threading.Event()

    def hold():
        slot = acquire_slot(limits, 0)
        acquired.set()
        release.wait(LONG)
        slot.release()

    thread = threading.Thread(target=hold)
    thread.start()
    assert acquired.wait(LONG)
    try:
        yield release
    finally:
        release.set()
        thread.join()


def test_there_are_as_many_slots_as_the_limit():
    acquired = [acquire_slot({"view": 2}, 0) for _ in range(3)]
    assert [slot is not None for slot in acquired] == [True, True, False]
    for slot in acquired[:2]:
        slot.release()


def test_a_released_slot_can_be_acquired_again():
    acquire_slot({"view": 1}, 0).release()
    slot = acquire_slot({"view": 1}, 0)
    assert slot is not None
    slot.release()


def test_a_second_release_does_nothing():
    first, second = acquire_slot({"view": 2}, 0), acquire_slot({"view": 2}, 0)
    first.release()
    first.release()
    third, fourth = acquire_slot({"view": 2}, 0), acquire_slot({"view": 2}, 0)
    assert (third is None, fourth is None) == (False, True)
    second.release()
    third.release()


def test_a_slot_may_be_released_by_another_thread():
    slot = acquire_slot({"view": 1}, 0)
    in_thread(slot.release)
    second = acquire_slot({"view": 1}, 0)
    assert second is not None
    second.release()


def test_each_key_has_its_own_slots():
    slot, other = acquire_slot({"view": 1}, 0), acquire_slot({"other": 1}, 0)
    assert other is not None
    slot.release()
    other.release()


def test_a_slot_counts_under_all_of_its_limits():
    slot = acquire_slot({"view": 2, "pool": 1}, 0)
    assert acquire_slot({"pool": 1}, 0) is None
    other = acquire_slot({"view": 2}, 0)
    assert other is not None
    slot.release()
    other.release()


def test_a_slot_that_one_limit_denies_counts_under_none():
    slot = acquire_slot({"pool": 1}, 0)
    assert acquire_slot({"view": 1, "pool": 1}, 0) is None
    other = acquire_slot({"view": 1}, 0)
    assert other is not None
    slot.release()
    other.release()


def test_without_limits_there_is_always_a_slot():
    acquired = [acquire_slot({}, 0) for _ in range(100)]
    assert None not in acquired


def test_threads_never_exceed_the_limit():
    acquired = []
    threads = [
        threading.Thread(target=lambda: acquired.append(acquire_slot({"view": 5}, 0)))
        for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = [slot for slot in acquired if slot is not None]
    assert len(held) == 5
    for slot in held:
        slot.release()


def test_a_slot_that_another_thread_releases_is_waited_for():
    with slot_of_another_thread({"view": 1}) as release:
        threading.Timer(0.1, release.set).start()
        slot = acquire_slot({"view": 1}, LONG)
    assert slot is not None
    slot.release()


def test_no_slot_within_the_timeout_gives_none():
    with slot_of_another_thread({"view": 1}):
        started = time.monotonic()
        assert acquire_slot({"view": 1}, 0.1) is None
        assert time.monotonic() - started >= 0.1


def test_a_slot_of_the_same_thread_is_not_waited_for():
    """It cannot be released while this thread waits; without this rule the test takes a minute."""
    slot = acquire_slot({"view": 1}, 0)
    started = time.monotonic()
    assert acquire_slot({"view": 1}, LONG) is None
    assert time.monotonic() - started < LONG / 2
    slot.release()


def test_every_waiting_thread_gets_a_slot():
    acquired = []

    def work():
        slot = acquire_slot({"view": 2, "pool": 3}, LONG)
        acquired.append(slot)
        time.sleep(0.005)
        slot.release()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(acquired) == 20
    assert None not in acquired


def test_only_a_thread_that_waits_returns_its_connections(monkeypatch):
    returned = []
    monkeypatch.setattr(slots, "return_pooled_connections", lambda: returned.append(True))
    slot = acquire_slot({"view": 1}, 0)
    assert returned == []
    slot.release()
    with slot_of_another_thread({"view": 1}):
        assert acquire_slot({"view": 1}, 0.01) is None
    assert returned == [True]
