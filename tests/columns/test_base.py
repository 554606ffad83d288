import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Concat, Upper

from streamreports.columns import Column
from streamreports.columns.binding import Binder
from streamreports.exceptions import ColumnError
from tests.models import Certificate, Drawer, LockedDrawer, Maker, Note, Specimen, Tag

specimens = Specimen.objects.all()


def bound(column, queryset=specimens):
    column = Column(column) if isinstance(column, str) else column
    return Binder(column, queryset).bind()


def refusal(column, queryset=specimens):
    """Return what is wrong with a column, and the cure."""
    with pytest.raises(ColumnError) as caught:
        bound(column, queryset)
    return caught.value.problem, caught.value.hint


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
