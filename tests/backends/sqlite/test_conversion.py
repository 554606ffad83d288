"""Columns that are converted at once have the values that Django's converters return."""

import datetime

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from streamreports.backends.registry import get_backend
from streamreports.backends.sqlite import conversion
from tests.backends.sqlite.test_operations_exact import floats
from tests.backends.test_operations import drawn
from tests.models import Specimen

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="For SQLite.")

UTC = datetime.UTC
NOON = datetime.datetime(2026, 1, 2, 12)


def converters_of(expression):
    """Return a resolved expression, and Django's converters for its values."""
    resolved = expression.resolve_expression(Specimen.objects.all().query)
    return resolved, connection.ops.get_db_converters(resolved)


def outcome_of(convert):
    """Return values with their classes and digits, or the error that is raised."""
    try:
        return list(map(repr, convert()))
    except Exception as error:
        return type(error), str(error)


def check(values, expression):
    """Check that a column is converted as its values are one by one."""
    resolved, (function, *_) = converters_of(expression)
    backend = get_backend(connection)
    expected = outcome_of(lambda: [function(value, resolved, connection) for value in values])
    assert outcome_of(lambda: backend.convert(values, function, resolved)) == expected


@drawn
@given(values=st.lists(st.none() | floats | st.integers(), max_size=20))
def test_decimals(values, db):
    check(values, F("decimal"))
    check(values, F("decimal") * 2)


@pytest.mark.parametrize(
    "value", [0.125, 2.5, -0.0, 1e300, float("inf"), float("nan"), "text", b"1", True, 10**30]
)
def test_hostile_decimal(value, db):
    check([1.5, None, value], F("decimal"))


@drawn
@given(values=st.lists(st.none() | st.datetimes(), max_size=20))
def test_datetimes(values, db):
    check(values, F("datetime"))


@pytest.mark.parametrize(
    "value",
    [NOON.replace(tzinfo=UTC), "2026-01-02 12:00:00", "2026-01-02 12:00:00+02:00", "never", 5],
)
def test_hostile_datetime(value, db):
    check([NOON, None, value], F("datetime"))


@pytest.mark.parametrize("zone", [None, datetime.timezone(datetime.timedelta(hours=2))])
def test_datetimes_in_the_time_zone_of_the_connection(zone, db, settings, monkeypatch):
    settings.USE_TZ = zone is not None
    monkeypatch.setitem(vars(connections[DEFAULT_DB_ALIAS]), "timezone", zone)
    check([NOON, None], F("datetime"))


def test_fields_have_the_converters_that_are_replaced(db):
    """Django may rename them; then columns would be converted as slowly as before."""
    names = [conversion.name_of(converters_of(F(name))[1][0]) for name in ("decimal", "datetime")]
    assert names == [conversion.DECIMAL_CONVERTER, conversion.DATETIME_CONVERTER]
