"""The name of a column: its key outside of the report."""

import functools

import pytest
from django.db.models import Count, F
from django.utils import translation
from django.utils.translation import gettext_lazy

from streamreports.columns import Column
from streamreports.columns.binding import Binder
from streamreports.exceptions import ColumnError
from tests.models import Specimen


def name(column):
    return Binder(Column(column), Specimen.objects.all()).bind().name


def bind(column):
    return Binder(column, Specimen.objects.all()).bind()


def net_weight(specimen):
    return 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("char", "char"),
        ("maker__name", "maker__name"),
        ("parts__name", "parts__name"),
        ("get_kind_display", "get_kind_display"),
        ("maker__shout", "maker__shout"),
        ("json__first_part", "json__first_part"),
        ("json__first part", ""),
        (F("maker__name"), "maker__name"),
        (Count("parts"), "parts__count"),
        (net_weight, "net_weight"),
    ],
    ids=str,
)
def test_name_is_that_of_the_source(source, expected):
    assert name(source) == expected


@pytest.mark.parametrize(
    "source",
    [lambda specimen: 1, F("integer") * 2, functools.partial(net_weight)],
    ids=["lambda", "expression", "partial"],
)
def test_label_is_no_name(source):
    """It is translated, so it would be another one for each reader."""
    column = Column(source, label=gettext_lazy("Yes"))
    with translation.override("de"):
        assert bind(column).name == ""


def test_name_that_is_given_is_the_name():
    assert bind(Column(lambda specimen: 1, label="x", name="net-weight_1")).name == "net-weight_1"


@pytest.mark.parametrize("given", ["", "net weight", "a.b", 5, "a\n"])
def test_name_that_is_no_name_is_refused(given):
    with pytest.raises(ColumnError) as caught:
        bind(Column("char", name=given))
    assert str(caught.value) == (
        f"A column has the name {given!r}. "
        "Use letters, digits, '_' and '-' only; the header is its label."
    )


def test_format_may_be_a_lazy_translation():
    column = bind(Column("date", format=gettext_lazy("%d/%m/%Y")))
    assert column.printer.format == "%d/%m/%Y"


def test_column_without_a_name_is_described_by_its_label():
    assert bind(Column(lambda specimen: 1, label="x")).described == "'x'"
