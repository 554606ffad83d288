import time

import pytest
from django.db import DatabaseError, connection, connections
from django.db.models import Case, Value, When
from django.db.models.expressions import RawSQL

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from streamreports.previews import RowCount, preview_report
from streamreports.reports import Report
from tests.backends.slow import SLOW_STATEMENT, slow_expression
from tests.models import Maker
from tests.previews.support import LONG, SHORT, preview, texts

NOT_COUNTED = (None, None)


def save(*names):
    return [Maker.objects.create(name=name) for name in names]


def slow_at(maker):
    """Return all makers, of which one takes long to be found."""
    delay = Case(When(pk=maker.pk, then=slow_expression()), default=Value(0))
    return Maker.objects.alias(delay=delay).filter(delay__gte=0)


def test_rows_that_take_too_long_are_missing(db):
    save("a", "b", "c")
    column = Column(slow_expression(), label="Slow")
    previewed = preview(Maker.objects.all(), "name", column, time_limit=SHORT)
    assert (previewed.rows, previewed.rows_timed_out) == ([], True)
    assert [column.label for column in previewed.columns] == ["Name", "Slow"]
    assert (previewed.count, previewed.size) == (RowCount(3), None)


def test_a_count_that_takes_too_long_is_missing(db):
    *_, last = save("a", "b", "c")
    previewed = preview(slow_at(last), "name", rows=2, time_limit=SHORT)
    assert (texts(previewed), previewed.rows_timed_out) == ([("a",), ("b",)], False)
    assert (previewed.count, previewed.size) == NOT_COUNTED


@pytest.mark.parametrize("fixture", ["db", "own_connection"])
def test_both_may_take_too_long(fixture, request):
    request.getfixturevalue(fixture)
    first, *_ = save("a", "b")
    previewed = preview(slow_at(first), "name", time_limit=SHORT)
    assert (previewed.rows, previewed.rows_timed_out) == ([], True)
    assert (previewed.count, previewed.size) == NOT_COUNTED
    assert Maker.objects.count() == 2


def test_the_transaction_that_is_open_stays_usable(db):
    (maker,) = save("a")
    preview(slow_at(maker), "name", time_limit=SHORT)
    assert save("b")
    assert Maker.objects.count() == 2


def test_rows_of_slow_functions_are_shown_as_far_as_they_were_read(db, monkeypatch):
    monkeypatch.setattr("streamreports.reading.formatting.SLOW_ROWS_SECONDS", 0)
    save("a", "b", "c")

    def slow_name(maker):
        time.sleep(SHORT)
        return maker.name

    previewed = preview(
        Maker.objects.order_by("pk"), Column(slow_name, label="Name"), time_limit=SHORT
    )
    assert (texts(previewed), previewed.rows_timed_out) == ([("a",)], True)


def test_functions_run_no_query_after_the_time(db):
    save("a", "b")
    called = []

    def slow_name(maker):
        called.append(maker.name)
        time.sleep(SHORT)
        return Maker.objects.get(pk=maker.pk).name

    column = Column(slow_name, label="Name")
    previewed = preview(Maker.objects.order_by("pk"), column, time_limit=SHORT)
    assert (previewed.rows, previewed.rows_timed_out, called) == ([], True, ["a"])


def test_a_timeout_that_a_function_catches(db):
    """PostgreSQL refuses all statements after an error."""
    save("a")

    def slow_name(maker):
        try:
            with connection.cursor() as cursor:
                cursor.execute(SLOW_STATEMENT)
        except DatabaseError:
            return "?"

    previewed = preview(Maker.objects.all(), Column(slow_name, label="Name"), time_limit=SHORT)
    assert previewed.rows_timed_out
    assert previewed.count == RowCount(1)


def test_other_database_errors_are_raised(db):
    save("a")
    column = Column(RawSQL("no_such_column", []), label="Wrong")
    with pytest.raises(DatabaseError, match="no_such_column"):
        preview(Maker.objects.all(), column)
    assert Maker.objects.count() == 1


def test_a_preview_in_autocommit_mode(own_connection):
    save("a", "b", "c")
    assert preview(Maker.objects.order_by("pk"), "name", rows=2).count == RowCount(3)
    assert not own_connection.in_atomic_block


def test_a_preview_uses_one_connection(pooled):
    save("a", "b")
    report = Report(Maker.objects.using(pooled).order_by("pk"), ["name", Column(str, label="Text")])
    before = connections[pooled]
    previewed = preview_report(report, CsvFormat(), rows=1, time_limit=LONG)
    assert previewed.count == RowCount(2)
    assert connections[pooled] is before
    assert before.pool.get_stats()["requests_num"] == 1
