"""The errors of functions, which name the column and the row."""

import pytest

from streamreports.columns import Column
from streamreports.reports import Report
from tests.models import Maker

pytestmark = pytest.mark.django_db


def notes_of(column):
    with pytest.raises(ZeroDivisionError) as raised:
        list(Report(Maker.objects.order_by("pk"), ["name", column]).rows())
    return raised.value.__notes__


def test_a_function_that_fails_names_the_column_and_the_row():
    Maker.objects.create(name="Ann", size=1)
    failing = Maker.objects.create(name="Bob", size=0)
    column = Column(lambda maker: 1 // maker.size, label="Inverse")
    expected = f"The column 'Inverse' failed for the Maker with the primary key {failing.pk}."
    assert notes_of(column) == [expected]


def test_a_format_that_fails_names_the_column():
    Maker.objects.create(name="Ann", size=1)
    column = Column("size", format=lambda value: str(value // 0))
    assert notes_of(column) == ["The column 'size' failed for a value of the type int."]
