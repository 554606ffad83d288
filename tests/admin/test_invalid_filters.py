"""Filters that a changelist rejects or ignores: a report never has all rows instead."""

import pytest

from tests.admin.filters import AnyInitialFilter, InitialFilter, OneChoiceFilter
from tests.factories import MakerFactory, SpecimenFactory
from tests.models import Maker, Specimen
from tests.views import save

BAD_FILTER = "This filter is unknown, or its value is invalid.\n"


def problem(response):
    """Return the status and the text of an error."""
    return response.status_code, response.content.decode()


@pytest.mark.parametrize("query", ["?nmae=Ann", "?name__nonsense=1", "?size__exact=big", "?pk=x"])
def test_an_invalid_filter_is_rejected(make_pages, query):
    save("Ann")
    pages = make_pages(Maker, list_display=["name"], list_filter=["size"])
    name = query[1:].partition("=")[0]
    assert problem(pages.report(query)) == (400, f"{name}: {BAD_FILTER}")


def test_only_the_invalid_filter_is_named(make_pages):
    pages = make_pages(Maker, list_filter=["size"], search_fields=["name"])
    response = pages.report("?size__exact=1&nmae=x&q=a&o=1")
    assert problem(response) == (400, f"nmae: {BAD_FILTER}")


def test_several_invalid_filters_are_all_named(make_pages):
    response = make_pages(Maker).report("?nmae=x&pk=y")
    assert problem(response) == (400, f"nmae: {BAD_FILTER}pk: {BAD_FILTER}")


def test_a_lookup_that_is_not_allowed_is_rejected(make_pages):
    """Django logs it as a security event, as for the changelist."""
    pages = make_pages(Specimen, list_display=["char"])
    SpecimenFactory()
    query = "?maker__name__startswith=M"
    assert pages.report(query).status_code == 400
    assert pages.changelist(query).status_code == 400


def test_a_lookup_that_lookup_allowed_admits_selects_the_rows(make_pages):
    SpecimenFactory(char="a", maker__name="Ann")
    SpecimenFactory(char="b", maker__name="Bob")
    pages = make_pages(
        Specimen, list_display=["char"], lookup_allowed=lambda self, lookup, value, request: True
    )
    assert pages.lines("?maker__name=Bob") == ["Char", "b"]


def test_a_search_where_nothing_can_be_searched_is_rejected(make_pages):
    """The changelist ignores it, and shows all rows."""
    save("Ann")
    assert problem(make_pages(Maker).report("?q=Ann")) == (400, f"q: {BAD_FILTER}")


def test_a_search_for_nothing_selects_all_rows(make_pages):
    save("Ann")
    assert make_pages(Maker, list_display=["name"]).lines("?q=") == ["Name", "Ann"]


def test_a_search_with_null_characters_is_rejected(make_pages):
    save("Ann")
    response = make_pages(Maker, search_fields=["name"]).report("?q=%00")
    assert problem(response) == (400, f"q: {BAD_FILTER}")


@pytest.mark.parametrize("value", ["nonsense", "5", ""])
def test_a_value_that_a_custom_filter_does_not_know_is_rejected(make_pages, value):
    """The changelist ignores it, and shows all rows."""
    save("Ann")
    pages = make_pages(Maker, list_filter=[InitialFilter])
    assert problem(pages.report(f"?initial={value}")) == (400, f"initial: {BAD_FILTER}")


def test_a_custom_filter_may_know_more_values_than_it_lists(make_pages):
    save("Ann", "Cyn")
    pages = make_pages(Maker, list_display=["name"], list_filter=[AnyInitialFilter])
    assert pages.lines("?any=C") == ["Name", "Cyn"]


def test_a_choice_of_a_custom_filter_may_select_all_rows(make_pages):
    save("Ann", "Bob")
    pages = make_pages(Maker, list_display=["name"], list_filter=[InitialFilter], ordering=["name"])
    assert pages.lines("?initial=all") == ["Name", "Ann", "Bob"]


def test_a_filter_that_is_not_shown_selects_the_rows(make_pages):
    """A filter with a single choice is not shown: the changelist ignores its parameter."""
    maker = MakerFactory(name="Ann")
    SpecimenFactory(char="a", maker=maker)
    pages = make_pages(Specimen, list_display=["char"], list_filter=[("maker", OneChoiceFilter)])
    assert pages.lines(f"?maker__id__exact={maker.pk}") == ["Char", "a"]
    assert pages.lines(f"?maker__id__exact={maker.pk + 1}") == ["Char"]


def test_the_null_of_a_filter_that_is_not_shown_selects_the_rows(make_pages):
    SpecimenFactory(char="a")
    pages = make_pages(Specimen, list_display=["char"], list_filter=[("maker", OneChoiceFilter)])
    assert pages.lines("?maker__isnull=True") == ["Char"]


def test_the_error_is_problem_details_for_programs(make_pages):
    pages = make_pages(Maker)
    response = pages.client.get(
        pages.url("report", "?nmae=x"), headers={"accept": "application/json"}
    )
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["errors"] == [{"parameter": "nmae", "detail": BAD_FILTER.strip()}]
