import pytest
from django.contrib.auth.models import User

from streamreports.columns.suggestions import is_typo, unknown_name
from tests.models import Certificate, Drawer, Specimen


@pytest.mark.parametrize(
    ("model", "path", "problem", "hint"),
    [
        (
            Specimen,
            "chra",
            "'chra' is not a field, annotation, property or method of Specimen.",
            "Did you mean 'char'?",
        ),
        (
            Specimen,
            "maker__nmae",
            "'maker__nmae' is not a field, annotation, property or method of Maker.",
            "Did you mean 'maker__name'?",
        ),
        (
            Specimen,
            "maker__shuot",
            "'maker__shuot' is not a field, annotation, property or method of Maker.",
            "Did you mean 'maker__shout'?",
        ),
        (
            Specimen,
            "get_kind_dsplay",
            "'get_kind_dsplay' is not a field, annotation, property or method of Specimen.",
            "Did you mean 'get_kind_display'?",
        ),
        (
            Specimen,
            "makr__name",
            "'makr__name' is not a field, annotation, property or method of Specimen.",
            "Did you mean 'maker__name'?",
        ),
        (
            Specimen,
            "twise",
            "'twise' is not a field, annotation, property or method of Specimen.",
            "Did you mean 'twice'?",
        ),
        (
            Certificate,
            "xyz",
            "'xyz' is not a field, annotation, property or method of Certificate.",
            "Choose from: id, number, specimen, stamp, twice.",
        ),
        (
            Certificate,
            "",
            "'' is not a field, annotation, property or method of Certificate.",
            "Choose from: id, number, specimen, stamp, twice.",
        ),
        (
            Specimen,
            "maker__",
            "'maker__' is not a field, annotation, property or method of Maker.",
            "Choose from: get_size_display, id, name, shout, size, specimens.",
        ),
        (
            Certificate,
            "objects",
            "'objects' is not a field, annotation, property or method of Certificate.",
            "Choose from: id, number, specimen, stamp, twice.",
        ),
    ],
)
def test_unknown_path_is_told_with_what_was_meant(model, path, problem, hint):
    error = unknown_name(model, path, ["twice"])
    assert (error.problem, error.hint) == (problem, hint)
    assert str(error) == f"{problem} {hint}"


def test_method_that_alters_data_is_not_proposed():
    assert "empty" not in unknown_name(Drawer, "xyz", []).hint


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("nmae", "name"),
        ("nam", "name"),
        ("namee", "name"),
        ("nome", "name"),
        ("frieght", "freight"),
        ("maker__nmae", "maker__name"),
    ],
)
def test_typo_is_one_letter_or_the_order_of_two(name, meant):
    assert is_typo(name, meant)
    assert is_typo(meant, name)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("name", "name"),
        ("min_price", "max_price"),
        ("order_count", "order_date"),
        ("line1", "line2"),
        ("json2", "json"),
        ("", "name"),
    ],
)
def test_names_that_differ_by_more_are_no_typos(name, meant):
    assert not is_typo(name, meant)


@pytest.mark.parametrize(
    ("model", "path", "meant"),
    [
        (Specimen, "maker.name", "maker__name"),
        (Specimen, "maker.shout", "maker__shout"),
        (Drawer, "parent.parent.code", "parent__parent__code"),
        (Specimen, "maker->name", "maker__name"),
        (Specimen, "maker/name", "maker__name"),
    ],
)
def test_path_with_other_separators_suggests_underscores(model, path, meant):
    assert unknown_name(model, path, []).hint == f"Did you mean '{meant}'?"


def test_name_itself_is_never_suggested():
    for path in ("parts__name__", "maker__objects", "nowhere__nowhere"):
        assert f"'{path}'" not in unknown_name(Specimen, path, [path]).hint


@pytest.mark.parametrize(
    ("path", "meant"), [("ID", "id"), ("Char ", "char"), ("maker__NAME", "maker__name")]
)
def test_capitals_and_spaces_are_forgiven(path, meant):
    assert unknown_name(Specimen, path, []).hint == f"Did you mean '{meant}'?"


def test_methods_that_cannot_be_columns_are_not_proposed():
    """One requires arguments, and the others run a query for each object."""
    hint = unknown_name(User, "xyz", []).hint
    assert "get_full_name" in hint
    for name in ("email_user", "has_perm", "get_next_by_date_joined"):
        assert name not in hint


@pytest.mark.parametrize(
    ("path", "first", "second"),
    [
        ("idchar", "id", "char"),
        ("maker__namechar", "maker__name", "char"),
        ("charmaker__name", "char", "maker__name"),
        ("get_kind_displaychar", "get_kind_display", "char"),
        ("sizeschar", "sizes", "char"),
    ],
)
def test_two_paths_in_one_are_a_missing_comma(path, first, second):
    error = unknown_name(Specimen, path, ["sizes"])
    assert (error.hint, error.suggestion) == (
        f"Is a comma missing between '{first}' and '{second}'?",
        None,
    )
