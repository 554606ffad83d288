import pytest
from django.db import DatabaseError, connection
from django.db.models.expressions import RawSQL

from streamreports.backends.registry import explain_error
from streamreports.columns import Column
from streamreports.reports import Report
from tests.models import Maker

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="For PostgreSQL.")

EXPLANATION = (
    "PostgreSQL reads a report in a read-only transaction, and a column's function tried to write"
    " (or the queryset has select_for_update()): write when the report has ended, in a receiver of"
    " report_finished, or through another alias in DATABASES."
)


def rename(maker):
    maker.name = "other"
    maker.save()
    return maker.name


def error_of(queryset, *columns):
    with pytest.raises(DatabaseError) as caught:
        list(Report(queryset, columns).rows())
    return caught.value


def test_a_function_that_writes_gets_an_error_with_the_cure(own_connection):
    Maker.objects.create(name="first")
    error = error_of(Maker.objects.all(), Column(rename, label="Name"))
    assert error.__notes__[-1] == EXPLANATION
    assert explain_error(error) == EXPLANATION
    assert Maker.objects.get().name == "first"


def test_a_queryset_that_locks_rows_gets_an_error_with_the_cure(own_connection):
    Maker.objects.create(name="first")
    error = error_of(Maker.objects.select_for_update(), "name", "size")
    assert error.__notes__ == [EXPLANATION]


def test_other_errors_have_no_note(own_connection):
    Maker.objects.create(name="first")
    error = error_of(Maker.objects.annotate(wrong=RawSQL("1 / 0", ())), "name", "wrong")
    assert not hasattr(error, "__notes__")
