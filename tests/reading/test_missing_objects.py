import pytest

from streamreports.columns import Column
from streamreports.reports import Report
from tests.models import Box, Letter, Seal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _letters():
    """Have a box of three letters, one with a seal; then a box that is empty."""
    box = Box.objects.create()
    for seal in (Seal.objects.create(mark="x"), None, Seal.objects.create(mark=None)):
        Letter.objects.create(box=box, seal=seal)
    Box.objects.create()


def rows_of(queryset, *columns):
    return list(Report(queryset.order_by("pk"), columns).rows())


def test_missing_object_has_no_value_whatever_its_field_makes_of_null():
    assert rows_of(Letter.objects.all(), "seal__mark") == [("[x]",), ("",), ("[None]",)]


def test_missing_object_has_no_value_where_instances_are_read():
    rows = rows_of(Letter.objects.all(), "seal__mark", Column(lambda letter: "f", label="x"))
    assert rows == [("[x]", "f"), ("", "f"), ("[None]", "f")]


def test_missing_objects_have_no_value_in_a_to_many_column():
    assert rows_of(Box.objects.all(), "letters__seal__mark") == [("[x], [None]",), ("",)]


def test_columns_beside_a_missing_object_are_right():
    rows = rows_of(Letter.objects.all(), "id", "seal__mark", "box", "seal", "box__letters__id")
    keys = list(Letter.objects.order_by("pk").values_list("pk", flat=True))
    assert [row[0] for row in rows] == [str(key) for key in keys]
    assert [row[1] for row in rows] == ["[x]", "", "[None]"]
    assert {row[4] for row in rows} == {", ".join(map(str, keys))}


def test_missing_object_takes_no_query_more(django_assert_num_queries):
    with django_assert_num_queries(1):
        rows_of(Letter.objects.all(), "seal__mark")


def test_distinct_rows_are_as_many():
    assert len(rows_of(Letter.objects.distinct(), "seal__mark")) == 3


def test_null_of_an_object_that_exists_is_converted():
    assert rows_of(Seal.objects.all(), "mark") == [("[x]",), ("[None]",)]
