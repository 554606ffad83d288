"""Signals that end the process."""

import signal
import threading

import pytest

from streamreports.management.interrupts import SIGNALS, Interrupted, interruptible


@pytest.mark.parametrize("signum", SIGNALS)
def test_a_signal_is_an_exception(signum):
    with pytest.raises(Interrupted) as raised, interruptible():
        signal.raise_signal(signum)
    assert raised.value.signum == signum


def test_a_second_signal_does_not_interrupt_what_cleans_up():
    cleaned = []

    def run():
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGTERM)
            cleaned.append(True)

    with pytest.raises(Interrupted), interruptible():
        run()
    assert cleaned == [True]


@pytest.mark.parametrize("error", [None, signal.SIGINT])
def test_signals_have_their_own_handlers_again(error):
    before = [signal.getsignal(signum) for signum in SIGNALS]
    try:
        with interruptible():
            assert [signal.getsignal(signum) for signum in SIGNALS] != before
            if error:
                signal.raise_signal(error)
    except Interrupted:
        pass
    assert [signal.getsignal(signum) for signum in SIGNALS] == before


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


# Work that ends first


def test_a_signal_is_deferred_until_the_work_has_ended():
    done, cancelled = [], threading.Event()

    def work():
        with interruptible() as interrupts, interrupts.deferred(cancelled.set):
            signal.raise_signal(signal.SIGTERM)
            done.append(cancelled.wait(60))

    with pytest.raises(Interrupted) as raised:
        work()
    assert done == [True]
    assert raised.value.signum == signal.SIGTERM


def test_a_signal_takes_the_place_of_what_the_work_raises():
    def work():
        with interruptible() as interrupts, interrupts.deferred(lambda: None):
            signal.raise_signal(signal.SIGINT)
            raise LookupError("cancelled")

    with pytest.raises(Interrupted):
        work()


def test_a_second_signal_is_not_deferred():
    done = []

    def work():
        with interruptible() as interrupts, interrupts.deferred(lambda: None):
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            done.append(True)

    with pytest.raises(Interrupted):
        work()
    assert done == []


def test_a_signal_after_the_work_is_not_deferred():
    cancelled = []

    def work():
        with interruptible() as interrupts:
            with interrupts.deferred(lambda: cancelled.append(True)):
                pass
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted):
        work()
    assert cancelled == []
