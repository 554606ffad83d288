"""Datetimes that are read faster are those that Django reads."""

import datetime

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from streamreports.backends.postgresql.datetimes import fast_datetimes, fast_loader
from streamreports.columns import Column
from streamreports.reports import Report
from tests.backends.test_operations import drawn
from tests.models import Specimen

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="For PostgreSQL.")

HOSTILE = [
    "infinity",
    "-infinity",
    "0044-03-15 12:00:00+00 BC",
    "10000-01-01 00:00:00+00",
    "20260-10-1 00:00:00+00",
    "9999-12-31 23:59:59.999999-12",
    "0001-01-01 00:00:00+14",
    "2026-01-02 24:00:00+00",
    "2026-01-02 03:04:05.1+00",
    "2026-01-02 03:04:05.123456+05:30",
    "1890-01-02 03:04:05+00:53:28",
    "2026-01-02 03:04:05",
    "é",
    "",
]


def loader_of(database):
    adapters = database.adapters
    return adapters.get_loader(adapters.types["timestamptz"].oid, 0)


def loaded(loader, text):
    """Return what a loader makes of a text, or the error that it raises."""
    oid = connection.connection.adapters.types["timestamptz"].oid
    try:
        value = loader(oid, connection.connection).load(text.encode())
    except Exception as error:
        return type(error), str(error)
    return value, value.tzinfo


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text(db, text):
    connection.ensure_connection()
    loader = loader_of(connection.connection)
    assert loaded(fast_loader(loader), text) == loaded(loader, text)


@drawn
@given(value=st.datetimes(), digits=st.integers(0, 6))
def test_any_datetime(db, value, digits):
    connection.ensure_connection()
    loader = loader_of(connection.connection)
    fraction = f".{value.microsecond:06}"[: digits + 1] if digits else ""
    text = f"{value.replace(microsecond=0).isoformat(' ')}{fraction}+00"
    assert loaded(fast_loader(loader), text) == loaded(loader, text)


def test_report_reads_datetimes_of_the_connection(db):
    when = datetime.datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=datetime.UTC)
    Specimen.objects.create(datetime=when)
    read = []

    def read_datetime(specimen):
        read.append((specimen.datetime, specimen.datetime.tzinfo))

    list(Report(Specimen.objects.all(), [Column(read_datetime, label="Read")]).rows())
    assert read == [(when, datetime.UTC)]


def test_loader_is_put_back(db):
    connection.ensure_connection()
    before = loader_of(connection.connection)
    with fast_datetimes(connection):
        assert issubclass(loader_of(connection.connection), before)
        assert loader_of(connection.connection) is not before
    assert loader_of(connection.connection) is before


def test_connection_in_another_time_zone_is_left_alone(db, monkeypatch):
    connection.ensure_connection()
    before = loader_of(connection.connection)
    monkeypatch.setattr(connection, "timezone", datetime.timezone(datetime.timedelta(hours=1)))
    with fast_datetimes(connection):
        assert loader_of(connection.connection) is before
