import functools
import operator

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Concat, Upper
from django.utils import translation
from django.utils.translation import gettext_lazy

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
from tests.models import Certificate, Drawer, LockedDrawer, Maker, Note, Part, Specimen, Tag

specimens = Specimen.objects.all()


def bound(column, queryset=specimens):
    return (Column(column) if isinstance(column, str) else column).bind(queryset)


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


# What cannot be a column


@pytest.mark.parametrize(
    ("source", "problem", "hint"),
    [
        (
            "chra",
            "'chra' is not a field, annotation, property or method of Specimen.",
            "Did you mean 'char'?",
        ),
        (
            "maker__nmae",
            "'maker__nmae' is not a field, annotation, property or method of Maker.",
            "Did you mean 'maker__name'?",
        ),
        (
            "get_char_display",
            "'get_char_display' is not a field, annotation, property or method of Specimen.",
            "Did you mean 'get_kind_display'?",
        ),
        (
            "parts__nmae",
            "'parts__nmae' is not a field, annotation, property or method of Part.",
            "Did you mean 'parts__name'?",
        ),
        (
            "delete",
            "'delete' is a method that alters data.",
            "Name a method that only reads.",
        ),
        (
            "maker__delete",
            "'maker__delete' is a method that alters data.",
            "Name a method that only reads.",
        ),
        (
            "parts__specimen__maker__shout",
            "'parts__specimen__maker__shout' leads to several objects, and ends in a property "
            "or method.",
            "Give a callable that returns a list; its values are joined.",
        ),
        (
            "notes__content_object",
            "'notes__content_object' leads to several objects, and ends in a property or method.",
            "Give a callable that returns a list; its values are joined.",
        ),
    ],
)
def test_path_that_is_no_column(source, problem, hint):
    assert refusal(source) == (problem, hint)


@pytest.mark.parametrize(
    "source", ["objects", "DoesNotExist", "_meta", "Kind", "_state", "", "__", "maker__", "__char"]
)
def test_what_is_neither_a_field_nor_a_method_is_no_column(source):
    assert "is not a field, annotation, property or method of" in refusal(source)[0]


def test_annotation_is_what_was_meant():
    queryset = Specimen.objects.annotate(freight=F("integer"))
    assert refusal("frieght", queryset)[1] == "Did you mean 'freight'?"


@pytest.mark.parametrize(
    ("source", "problem", "cure"),
    [
        ("char__foo", "'char__foo' cannot be selected: ", "Correct its names."),
        ("pk__foo", "'pk__foo' cannot be selected: ", "Correct its names."),
        (
            F("nowhere") + 1,
            "'F(nowhere) + Value(1)' cannot be selected: Cannot resolve keyword ",
            "Correct its names.",
        ),
        (
            F("integr") + 1,
            "'F(integr) + Value(1)' cannot be selected: Cannot resolve keyword ",
            "Did you mean 'integer'?",
        ),
        (
            F("integer") * F("date"),
            "'F(integer) * F(date)' cannot be selected: ",
            "Set its type: ExpressionWrapper(..., output_field=...).",
        ),
        (
            Sum("nowhere"),
            "'Sum(F(nowhere))' cannot be selected: Cannot resolve keyword ",
            "Correct its names.",
        ),
    ],
    ids=str,
)
def test_expression_that_cannot_be_selected(source, problem, cure):
    said, hint = refusal(Column(source, label="x"))
    assert said.startswith(problem)
    assert hint == cure


@pytest.mark.parametrize(
    "source",
    [
        Upper("parts__name"),
        Upper("certificate__specimen__parts__name"),
        Concat("notes__body", Value("!")),
        F("maker__specimens__integer") + 1,
        Case(When(parts__name="a", then=Value("a"))),
        Q(parts__quantity__gt=1),
        Count("parts") + F("parts__quantity"),
    ],
    ids=str,
)
def test_expression_that_would_multiply_rows(source):
    assert refusal(Column(source, label="x")) == (
        f"'{source}' would give several rows for an object.",
        "Aggregate it, or name the to-many path alone; its values are joined.",
    )


@pytest.mark.parametrize(
    ("model", "path"),
    [(Drawer, "tags__name"), (Tag, "drawers__code"), (Drawer, "children__code")],
)
def test_expression_over_a_many_to_many_relation_would_multiply_rows(model, path):
    assert refusal(Column(Upper(path), label="x"), model.objects.all())[0] == (
        f"'Upper(F({path}))' would give several rows for an object."
    )


def test_expression_over_a_relation_that_the_queryset_is_filtered_by_would_multiply_rows():
    """The filter's own join serves the expression, so no new one gives it away."""
    queryset = Specimen.objects.filter(parts__quantity__gt=0).distinct()
    assert refusal(Column(Upper("parts__name"), label="x"), queryset)[1] == (
        "Aggregate it, or name the to-many path alone; its values are joined."
    )


@pytest.mark.parametrize("source", [3, None, b"char", ["char"], Column("char")], ids=repr)
def test_what_is_neither_text_nor_expression_nor_callable(source):
    assert refusal(Column(source)) == (
        f"{source!r} cannot be a column.",
        "Give a lookup path, an expression, the name of a property or method, or a callable.",
    )


def test_expression_class_instead_of_an_expression_is_told():
    """A pair of parentheses is soon forgotten."""
    with pytest.raises(ColumnError):
        bound(Column(Count, label="Parts"))


def test_method_that_requires_arguments_is_refused():
    """It would fail on the first row."""
    with pytest.raises(ColumnError):
        bound("serializable_value")


def test_error_is_an_improper_configuration():
    with pytest.raises(
        ImproperlyConfigured,
        match=r"^'chra' is not a field, annotation, property or method of Specimen\. "
        r"Did you mean 'char'\?$",
    ):
        bound("chra")


def test_error_can_be_said_of_an_owner():
    error = ColumnError("'x' is wrong.", "Mend it.").within("CargoCsvView")
    assert type(error) is ColumnError
    assert (error.problem, error.hint) == ("CargoCsvView: 'x' is wrong.", "Mend it.")
    assert str(error) == "CargoCsvView: 'x' is wrong. Mend it."


# Binding


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "column"),
    [
        (Specimen, "maker__name"),
        (Specimen, "parts__name"),
        (Specimen, "notes__body"),
        (Specimen, "get_kind_display"),
        (Specimen, "maker__shout"),
        (Specimen, "__str__"),
        (Specimen, Column(Count("parts"))),
        (Specimen, Column(str)),
        (Note, "content_object"),
        (Drawer, "tags__name"),
        (Tag, "drawers"),
        (Maker, "specimens__parts__name"),
        (Certificate, "specimen__maker__name"),
        (LockedDrawer, "pk__tags__name"),
    ],
    ids=repr,
)
def test_binding_runs_no_query(model, column, django_assert_num_queries):
    with django_assert_num_queries(0):
        bound(column, model.objects.all())


@pytest.mark.django_db
def test_column_may_be_bound_to_several_querysets():
    column = Column("pk")
    assert bound(column, Drawer.objects.all()).label == "Code"
    assert bound(column, Specimen.objects.all()).label == "ID"
