"""Collections that are not lists: generators, sets, querysets and managers print like lists."""

import pytest

from streamreports.values import CellFormatter, TextOptions
from tests.factories import MakerFactory
from tests.models import Drawer, Maker

STYLE = TextOptions()


def printed(value, **options):
    return CellFormatter(**options).text(value, STYLE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((part for part in ["a", None, "b"]), "a, b"),
        (iter(()), ""),
        (map(str, [1, 2]), "1, 2"),
        ({3, 20, 1}, "1, 3, 20"),
        (frozenset({"b", "a"}), "a, b"),
        ({"b", 1}, "1, b"),
        ({"x": 2, "w": 1}.keys(), "x, w"),
        ({"x": 2, "w": 1}.values(), "2, 1"),
        ([iter("ab"), {1}], "a, b, 1"),
    ],
)
def test_collection_prints_like_a_list(value, text):
    assert printed(value) == text


def test_collection_is_joined_by_the_separator_of_its_column():
    assert printed(iter("ab"), separator=" | ") == "a | b"


def test_each_value_of_a_collection_is_formatted():
    assert printed(iter([1, 2.5]), format=".1f") == "1.0, 2.5"


def test_collection_that_begins_with_a_formula_is_escaped():
    assert printed(iter(["=1", "=2"])) == "'=1, =2"


def test_collection_of_negative_numbers_is_not_escaped():
    assert printed(iter([-1, -2])) == "-1, -2"


def test_callable_format_may_return_a_generator():
    assert printed("a-b", format=lambda value: (part for part in value.split("-"))) == "a, b"


def test_each_row_of_a_column_has_its_own_generator():
    values = [(number for number in range(count)) for count in range(3)]
    assert CellFormatter().texts(values, STYLE) == ["", "0", "0, 1"]


@pytest.mark.django_db
def test_queryset_prints_its_objects():
    MakerFactory(name="Ada")
    MakerFactory(name="Bob")
    assert printed(Maker.objects.order_by("name")) == "Ada, Bob"


@pytest.mark.django_db
def test_queryset_of_values_prints_them():
    MakerFactory(name="Ada")
    assert printed(Maker.objects.values_list("name", flat=True)) == "Ada"


@pytest.mark.django_db
def test_related_manager_prints_its_objects():
    drawer = Drawer.objects.create(code="a")
    drawer.children.create(code="b")
    assert printed(drawer.children) == "Drawer b"
