"""Columns and an order that the request chooses."""

import pytest
from django.db.models import Count, F

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
from streamreports.views import StreamingCsvView
from tests.factories import SpecimenFactory
from tests.filtered import ChoosingView, send
from tests.models import Maker, Specimen


@pytest.fixture
def makers(db):
    """Save two makers."""
    return [Maker.objects.create(name="Ann", size=2), Maker.objects.create(name="Bob", size=1)]


# Columns


@pytest.mark.parametrize("query", ["columns=size,name", "columns=size&columns=name"])
def test_columns_are_sent_in_the_order_that_is_asked_for(makers, rf, query):
    assert send(rf, ChoosingView, query) == (200, "Size,Name\r\n2,Ann\r\n1,Bob\r\n")


def test_one_column_may_be_chosen(makers, rf):
    assert send(rf, ChoosingView, "columns=shout") == (200, "Loud\r\nANN\r\nBOB\r\n")


def test_spaces_around_names_do_not_count(makers, rf):
    assert send(rf, ChoosingView, "columns=size,%20name,")[1].startswith("Size,Name\r\n")


@pytest.mark.parametrize("query", ["", "columns=", "columns=%20"])
def test_by_default_all_columns_are_sent(makers, rf, query):
    first, second = makers
    assert send(rf, ChoosingView, query) == (
        200,
        f"Name,Size,Loud,Key\r\nAnn,2,ANN,{first.pk}\r\nBob,1,BOB,{second.pk}\r\n",
    )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("columns=nmae", "“nmae” is unknown. Did you mean “name”?"),
        ("columns=pk", "“pk” is unknown. Choose from: name, size, shout."),
        ("columns=name,name", "“name” is given more than once."),
        ("columns=name&columns=size&columns=name", "“name” is given more than once."),
        ("columns=Name", "“Name” is unknown. Did you mean “name”?"),
        ("columns=size__lt", "“size__lt” is unknown. Did you mean “size”?"),
    ],
)
def test_bad_columns_are_rejected_without_a_query(
    makers, rf, django_assert_num_queries, query, message
):
    with django_assert_num_queries(0):
        assert send(rf, ChoosingView, query) == (400, f"columns: {message}\n")


def test_a_column_is_chosen_by_its_name(makers, rf):
    class View(ChoosingView):
        columns = [Column("size", label="Size", name="works"), "name"]

    assert send(rf, View, "columns=works") == (200, "Size\r\n2\r\n1\r\n")
    assert send(rf, View, "columns=size")[0] == 400


def test_some_columns_only_may_be_chosen(makers, rf):
    class View(ChoosingView):
        selectable_columns = ["name"]

    assert send(rf, View, "columns=name") == (200, "Name\r\nAnn\r\nBob\r\n")
    assert send(rf, View, "columns=size") == (
        400,
        "columns: “size” is unknown. Choose from: name.\n",
    )


def test_the_parameter_may_have_another_name(makers, rf):
    class View(ChoosingView):
        columns_param = "fields"

    assert send(rf, View, "fields=name") == (200, "Name\r\nAnn\r\nBob\r\n")
    assert send(rf, View, "columns=name")[0] == 400


def test_columns_that_are_not_chosen_are_not_read(makers, rf):
    def fail(maker):
        raise AssertionError

    class View(ChoosingView):
        columns = ["name", Column(fail, label="Failing")]

    assert send(rf, View, "columns=name")[0] == 200


def test_columns_may_depend_on_the_request(makers, rf):
    class View(ChoosingView):
        columns = None

        def get_columns(self):
            return ["size", "name"]

    assert send(rf, View, "columns=name") == (200, "Name\r\nAnn\r\nBob\r\n")


# Order


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("ordering=name", ["Ann", "Bob"]),
        ("ordering=-name", ["Bob", "Ann"]),
        ("ordering=size", ["Bob", "Ann"]),
        ("ordering=-size,name", ["Ann", "Bob"]),
        ("ordering=size&ordering=name", ["Bob", "Ann"]),
        ("ordering=", ["Ann", "Bob"]),
    ],
)
def test_rows_are_sent_in_the_order_that_is_asked_for(makers, rf, query, names):
    assert send(rf, ChoosingView, f"columns=name&{query}")[1].split()[1:] == names


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("ordering=nmae", "“nmae” is unknown. Did you mean “name”?"),
        ("ordering=pk", "“pk” is unknown. Choose from: name, size, -name, -size."),
        ("ordering=--name", "“--name” is unknown. Did you mean “-name”?"),
        ("ordering=?", "“?” is unknown. Choose from: name, size, -name, -size."),
        ("ordering=shout", "“shout” is unknown. Choose from: name, size, -name, -size."),
    ],
)
def test_a_bad_order_is_rejected_without_a_query(
    makers, rf, django_assert_num_queries, query, message
):
    with django_assert_num_queries(0):
        assert send(rf, ChoosingView, query) == (400, f"ordering: {message}\n")


def test_rows_may_be_ordered_by_a_path_that_is_no_column(db, rf):
    class View(StreamingCsvView):
        model = Specimen
        columns = ["char"]
        ordering_fields = ["maker__name"]

    for char, name in (("1", "Bob"), ("2", "Ann")):
        SpecimenFactory(char=char, maker=Maker.objects.create(name=name))
    assert send(rf, View, "ordering=maker__name") == (200, "Char\r\n2\r\n1\r\n")


def test_rows_may_be_ordered_by_an_expression(makers, rf):
    class View(ChoosingView):
        columns = ["name", Column(F("size") * 2, label="Double", name="double")]
        ordering_fields = ["double"]

    assert send(rf, View, "ordering=-double&columns=name")[1].split()[1:] == ["Ann", "Bob"]


def test_rows_may_be_ordered_by_an_aggregate(makers, rf):
    class View(ChoosingView):
        columns = ["name", Column(Count("specimens"), label="Specimens", name="specimens")]
        ordering_fields = ["specimens"]

    SpecimenFactory(maker=makers[1])
    assert send(rf, View, "ordering=-specimens&columns=name")[1].split()[1:] == ["Bob", "Ann"]


def test_rows_may_be_ordered_by_an_annotation(makers, rf):
    class View(ChoosingView):
        queryset = Maker.objects.annotate(number=Count("specimens"))
        columns = ["name", "number"]
        ordering_fields = ["number"]

    SpecimenFactory(maker=makers[1])
    assert send(rf, View, "ordering=-number&columns=name")[1].split()[1:] == ["Bob", "Ann"]


@pytest.mark.parametrize("field", ["shout", "specimens__char", "nothing"])
def test_rows_cannot_be_ordered_by_what_the_database_lacks(makers, rf, field):
    class View(ChoosingView):
        ordering_fields = [field]

    with pytest.raises(ColumnError, match=r"View.ordering_fields: .*" + field):
        send(rf, View, f"ordering={field}")
