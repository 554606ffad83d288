"""A query string that remembers which parameters were read."""

import copy

import pytest
from django.http import QueryDict

from streamreports.filters import RecordingQueryDict


@pytest.fixture
def recorder():
    return RecordingQueryDict(QueryDict("a=1&a=2&b=3"))


@pytest.mark.parametrize(
    "read",
    [
        lambda query: query["a"],
        lambda query: query.get("a"),
        lambda query: "a" in query,
        lambda query: query.getlist("a"),
    ],
)
def test_a_parameter_that_is_read_is_remembered(recorder, read):
    read(recorder)
    assert recorder.read == {"a"}


def test_a_parameter_that_is_not_there_is_remembered(recorder):
    recorder.get("c")
    assert recorder.read == {"c"}


def test_lists_are_remembered(recorder):
    recorder.getlist("a")
    recorder.get("b")
    assert recorder.read_as_lists == {"a"}


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, QueryDict.copy])
def test_what_is_read_in_a_copy_is_remembered(recorder, make):
    make(recorder).get("a")
    assert recorder.read == {"a"}


def test_a_copy_can_be_changed(recorder):
    copied = recorder.copy()
    copied["a"] = "4"
    assert (copied.urlencode(), recorder.urlencode()) == ("a=4&b=3", "a=1&a=2&b=3")


@pytest.mark.parametrize(
    "read",
    [
        lambda query: query.dict(),
        lambda query: list(query.items()),
        lambda query: list(query.lists()),
        lambda query: list(query),
        lambda query: query.urlencode(),
    ],
)
def test_to_read_all_parameters_tells_of_none(recorder, read):
    read(recorder)
    assert recorder.read == set()


def test_all_parameters_are_those_of_the_query_string(recorder):
    assert recorder.dict() == {"a": "2", "b": "3"}
    assert list(recorder.items()) == [("a", "2"), ("b", "3")]
