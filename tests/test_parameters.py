"""The query string of a request, read strictly."""

import pytest
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from streamreports.exceptions import InvalidParametersError
from streamreports.parameters import Parameters


def parameters(query):
    return Parameters(QueryDict(query))


def errors(found, **kwargs):
    with pytest.raises(InvalidParametersError) as raised:
        found.validate(**kwargs)
    return raised.value.errors


def names(found, name="columns", choices=("a", "b"), forbidden=()):
    return found.names(name, choices, forbidden=forbidden, refusal="No choice.")


def test_nothing_given_is_valid():
    parameters("").validate()


def test_what_nothing_reads_is_an_error():
    assert errors(parameters("x=1")) == {"x": ["Unknown parameter."]}


def test_what_nothing_reads_is_valid_if_it_is_not_strict():
    parameters("x=1").validate(strict=False)


def test_what_has_been_read_is_known():
    found = parameters("x=1&x=2")
    assert found.values("x") == ["1", "2"]
    found.validate()


def test_what_has_been_admitted_is_known():
    found = parameters("x=1&y=2")
    found.admit(["x", None, "y"])
    found.validate()


def test_a_parameter_may_be_admitted_once():
    found = parameters("x=1&x=2")
    found.admit(["x"], once=True)
    assert errors(found) == {"x": ["This parameter may be given only once."]}


def test_no_parameter_has_no_values():
    found = parameters("None=1")
    assert found.values(None) == []
    assert errors(found) == {"None": ["Unknown parameter."]}


def test_long_names_are_cut():
    assert errors(parameters("x" * 200 + "=1")) == {"x" * 99 + "…": ["Unknown parameter."]}


def test_long_values_are_cut():
    found = parameters("columns=" + "x" * 200)
    names(found)
    assert errors(found) == {
        "columns": ["“" + "x" * 99 + "…” is unknown. Choose from: a, b."]
    }  # fmt: skip


def test_without_choices_a_parameter_is_refused():
    found = parameters("columns=a")
    assert names(found, choices=()) == []
    assert errors(found) == {"columns": ["No choice."]}


def test_a_forbidden_name_is_denied():
    with pytest.raises(PermissionDenied):
        names(parameters("columns=a,secret"), forbidden=["secret"])


def test_a_validation_error_by_parameter():
    found = parameters("")
    found.add_validation_error(ValidationError({"x": ["One.", "Two."], "y": "Three."}))
    assert errors(found) == {"x": ["One.", "Two."], "y": ["Three."]}


def test_a_validation_error_without_a_parameter():
    found = parameters("")
    found.add_validation_error(ValidationError("One %(n)s.", params={"n": 1}))
    assert errors(found) == {NON_FIELD_ERRORS: ["One 1."]}


def test_null_characters_are_refused():
    found = parameters("x=%00")
    found.admit(["x"])
    assert errors(found) == {"x": ["Null characters are not allowed."]}


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=8))
def test_whatever_is_given_is_a_known_parameter_or_an_error(items):
    query = QueryDict(mutable=True)
    for name, value in items:
        query.appendlist(name, value)
    found = Parameters(query)
    found.admit(["a", "b"])
    given_names = {name for name, value in items if value.strip()}
    if given_names - {"a", "b"}:
        assert errors(found).keys() >= given_names - {"a", "b"} - {"__all__", ""}


@given(st.lists(st.text(max_size=6), max_size=6))
def test_only_declared_names_come_out(values):
    query = QueryDict(mutable=True)
    query.setlist("columns", values)
    found = Parameters(query)
    chosen = names(found)
    assert set(chosen) <= {"a", "b"}
    asked = [item.strip() for value in values for item in value.split(",") if item.strip()]
    if len(asked) != len(chosen) or len(set(chosen)) != len(chosen):
        assert "columns" in errors(found)
