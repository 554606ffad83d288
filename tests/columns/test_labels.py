"""The labels of columns."""

import functools
import operator

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Upper
from django.utils import translation
from django.utils.translation import gettext_lazy

from streamreports.columns import Column
from streamreports.columns.binding import Binder
from streamreports.exceptions import ColumnError
from tests.models import Drawer, Part, Specimen

specimens = Specimen.objects.all()


def bound(column, queryset=specimens):
    column = Column(column) if isinstance(column, str) else column
    return Binder(column, queryset).bind()


def refusal(column, queryset=specimens):
    """Return what is wrong with a column, and the cure."""
    with pytest.raises(ColumnError) as caught:
        bound(column, queryset)
    return caught.value.problem, caught.value.hint


# Labels


@pytest.mark.parametrize(
    ("column", "label"),
    [
        ("id", "ID"),
        ("pk", "ID"),
        ("char", "Char"),
        ("maker", "Maker"),
        ("maker_id", "Maker"),
        ("maker__name", "Maker name"),
        ("maker__get_size_display", "Maker size"),
        ("get_kind_display", "Kind"),
        ("certificate__number", "Certificate certificate number"),
        ("certificate__stamp", "Certificate stamp"),
        ("parts__name", "Parts name"),
        ("notes__body", "Notes body"),
        ("maker__specimens__char", "Maker specimens char"),
        ("datetime__year", "Datetime year"),
        ("json__first_part", "Json first part"),
        ("maker__shout", "Maker shout"),
        (Column(F("maker__name")), "Maker name"),
        (Column(Count("parts")), "Parts count"),
        (Column(Sum("parts__quantity")), "Parts quantity sum"),
        (Column(len), "Len"),
    ],
    ids=repr,
)
def test_label_says_what_the_column_is(column, label):
    assert bound(column).label == label


@pytest.mark.parametrize(
    ("column", "label"),
    [
        ("described", "Email address"),
        ("told", "Told"),
        ("in_parent", "In parent"),
        ("parent__described", "Parent Email address"),
        ("parent____str__", "Parent"),
        ("tags__name", "Tags name"),
    ],
)
def test_label_of_a_path_of_methods(column, label):
    assert bound(column, Drawer.objects.all()).label == label


def test_verbose_name_is_only_given_a_capital():
    assert bound("weight", Drawer.objects.all()).label == "Net_weight (kg)"


@pytest.mark.parametrize(
    ("name", "label"), [("twice", "Twice"), ("net_weight", "Net weight"), ("tag__no", "Tag no")]
)
def test_label_of_an_annotation_is_its_name(name, label):
    assert bound(name, Specimen.objects.annotate(**{name: F("integer")})).label == label


@pytest.mark.parametrize(
    "source",
    [
        "char",
        "maker__name",
        "parts__name",
        "get_kind_display",
        "maker__shout",
        "__str__",
        F("char"),
        F("integer") + 1,
        Count("parts"),
        str,
    ],
    ids=str,
)
def test_label_that_is_given_is_the_label(source):
    assert bound(Column(source, label="My_label")).label == "My_label"


def test_empty_label_is_a_label():
    assert bound(Column("char", label="")).label == ""


def test_label_may_be_a_lazy_translation():
    column = Column("char", label=gettext_lazy("Yes"))
    with translation.override("de"):
        assert bound(column).label == "Ja"
    assert bound(column).label == "Yes"


def test_verbose_name_is_in_the_active_language():
    with translation.override("de"):
        assert bound("username", User.objects.all()).label == "Benutzername"


def test_short_description_is_in_the_active_language():
    with translation.override("de"):
        assert bound("described", Drawer.objects.all()).label == "E-Mail-Adresse"


def net_weight(specimen):
    return specimen.integer


@admin.display(description=gettext_lazy("Yes"))
def described(specimen):
    return specimen.integer


class View:
    def route_of(self, specimen):
        return specimen.char

    @admin.display(description="The way")
    def described(self, specimen):
        return specimen.char


@pytest.mark.parametrize(
    ("function", "label"),
    [
        (net_weight, "Net weight"),
        (described, "Yes"),
        (View().route_of, "Route of"),
        (View().described, "The way"),
        (functools.partial(described), "Yes"),
    ],
)
def test_label_of_a_callable_is_its_short_description_or_its_name(function, label):
    assert bound(Column(function)).label == label


@pytest.mark.parametrize(
    "source",
    [
        lambda specimen: 1,
        operator.attrgetter("char"),
        functools.partial(net_weight),
        F("integer") * 2,
        Upper("char"),
        Value("x"),
        Q(integer=1),
        Case(When(integer=1, then=Value("a"))),
        Exists(Part.objects.all()),
        Subquery(Part.objects.values("name")[:1]),
    ],
    ids=lambda source: type(source).__name__,
)
def test_column_without_a_name_of_its_own_must_be_given_a_label(source):
    assert refusal(Column(source)) == (
        f"'{getattr(source, '__name__', source)}' has no label.",
        'Give it one: Column(..., label="...").',
    )


@pytest.mark.django_db
def test_queryset_without_a_label_is_told_and_not_evaluated(django_assert_num_queries):
    """Its repr would run it; this one cannot even be run alone."""
    names = Part.objects.filter(specimen=OuterRef("pk")).values("name")[:1]
    with django_assert_num_queries(0):
        _, hint = refusal(Column(names))
    assert hint == 'Give it one: Column(..., label="...").'


def test_name_is_what_messages_call_a_column():
    problem, _ = refusal(Column(F("integer") * F("nowhere"), label="x", name="freight"))
    assert problem.startswith("'freight' cannot be selected: ")


def test_name_is_the_label_of_a_callable_that_has_none():
    assert bound(Column(lambda specimen: 1, name="net_freight")).label == "Net freight"


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (Column("char"), "<Column: 'char'>"),
        (Column("char", name="text"), "<Column: 'text'>"),
        (Column(F("integer")), "<Column: 'F(integer)'>"),
    ],
)
def test_repr(column, text):
    assert repr(column) == text


@pytest.mark.django_db
def test_repr_of_a_column_of_a_queryset_runs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        repr(Column(Part.objects.filter(specimen=OuterRef("pk")).values("name")[:1], label="x"))
