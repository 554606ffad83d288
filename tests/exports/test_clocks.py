"""Workers on machines whose clocks are wrong by minutes."""

from datetime import timedelta

import pytest
from django.db import connection

from streamreports.exports.clock import DatabaseNow

pytestmark = pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="SQLite has the clock of its machine, which all its workers share.",
)

CLOCKS = ["+10m", "-10m"]
WEEK = timedelta(days=7)
ABOUT_NOW = timedelta(minutes=2)


def wrong_clock(shift):
    """Return the variables for a process whose clock is wrong."""
    return {
        "LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1",
        "FAKETIME": shift,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


@pytest.mark.parametrize("shift", CLOCKS)
def test_an_export_is_not_taken_from_its_worker(worker_site, shift):
    export = worker_site.export("/waiting/", 0)
    worker_site.start_worker()
    worker_site.reached(0)
    worker_site.start_worker(**wrong_clock(shift))
    worker_site.make("/groups/", 1)
    worker_site.let_go(0)
    assert worker_site.wait_for(export, "done").attempts == 1


@pytest.mark.parametrize("shift", CLOCKS)
def test_an_export_is_taken_from_a_worker_that_was_killed(worker_site, shift):
    export = worker_site.export("/waiting/", 0)
    worker = worker_site.start_worker(**wrong_clock(shift))
    worker_site.reached(0)
    worker.kill()
    worker_site.start_worker()
    worker_site.let_go(0)
    assert worker_site.wait_for(export, "done").attempts == 2


@pytest.mark.parametrize("shift", CLOCKS)
def test_times_are_those_of_the_database(worker_site, shift):
    worker_site.start_worker(**wrong_clock(shift))
    export = worker_site.make("/groups/", 0)
    now = worker_site.exports.annotate(now=DatabaseNow()).get().now
    assert abs(now - export.started) < ABOUT_NOW
    assert export.started <= export.finished <= now
    assert abs(export.expires - export.finished - WEEK) < ABOUT_NOW
    assert not worker_site.exports.outdated().exists()
