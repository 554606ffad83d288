"""Addresses that ask for the same are redirected to one of them."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from streamreports.pages.canonical import canonical_query
from tests.pages.html import fields, parse

NAMES = ["a", "b", "c", "d"]


def canonical(query, selectable=NAMES, default=NAMES):
    return canonical_query(
        QueryDict(query),
        columns_param="columns",
        ordering_param="ordering",
        selectable=selectable,
        default=default,
    ).urlencode(safe=",")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ""),
        ("size=2&name=", "size=2"),
        ("size=2&size=", "size=2"),
        ("columns=b&columns=a", "columns=b,a"),
        ("columns=b,a", "columns=b,a"),
        ("columns=b,,a,", "columns=b,a"),
        ("columns=a&columns=b&columns=c&columns=d", ""),
        ("columns=,", ""),
        ("ordering=-a&ordering=b", "ordering=-a,b"),
    ],
)
def test_a_query_string_becomes_canonical(query, expected):
    assert canonical(query) == expected


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ({}, ""),
        ({"d": 1}, "columns=d,a,b,c"),
        ({"d": 2}, "columns=a,d,b,c"),
        ({"a": 3}, "columns=b,c,a,d"),
        ({"a": 4, "d": 1}, "columns=d,b,c,a"),
        ({"b": ""}, "columns=a,c,d,b"),
        ({"a": 99}, "columns=b,c,d,a"),
        ({"c": -5}, "columns=c,a,b,d"),
        ({"c": "x"}, "columns=a,b,d,c"),
    ],
)
def test_positions_order_the_columns(positions, expected):
    places = {name: place for place, name in enumerate(NAMES, start=1)} | positions
    query = "&".join(f"columns={name}&position-{name}={place}" for name, place in places.items())
    assert canonical(query) == expected


def test_a_column_that_is_added_with_a_position_gets_it():
    query = "columns=a&position-a=1&columns=b&position-b=2&columns=d&position-d=1&position-c="
    assert canonical(query) == "columns=d,a,b"


def test_positions_without_columns_are_left_out():
    assert canonical("position-a=2&position-b=1") == ""


def test_the_position_of_a_column_that_cannot_be_chosen_stays_to_be_rejected():
    assert canonical("position-z=1") == "position-z=1"


@pytest.mark.parametrize("columns", ["nothing", "a,nothing", "a,a"])
def test_invalid_columns_stay_to_be_rejected(columns):
    assert canonical(f"columns={columns}") == f"columns={columns}"


def test_all_that_can_be_chosen_is_not_the_default_if_there_is_more():
    assert canonical("columns=a,b", selectable=["a", "b"], default=["a", "b", ""]) == "columns=a,b"


def test_parameters_without_a_name_are_left_alone():
    query = canonical_query(
        QueryDict("columns=b&columns=a&ordering=a"),
        columns_param=None,
        ordering_param=None,
        selectable=NAMES,
        default=NAMES,
    )
    assert query.urlencode() == "columns=b&columns=a&ordering=a"


PARAMETERS = st.sampled_from(["columns", "ordering", "size", *(f"position-{n}" for n in "abcx")])


@given(st.lists(st.tuples(PARAMETERS, st.text("ab ,-1", max_size=4))))
def test_a_canonical_query_string_stays_as_it_is(pairs):
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)
    once = canonical(query.urlencode())
    assert canonical(once) == once


# In the view


pages = pytest.mark.urls("tests.pages.urls")


@pages
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=&size=2", "?size=2"),
        ("columns=size&columns=name&name=%C3%A9", "?columns=size,name&name=%C3%A9"),
        ("columns=name&columns=size&columns=shout", ""),
        ("columns=name&columns=size&position-name=2&position-size=1", "?columns=size,name"),
        ("columns=nothing&columns=name", "?columns=nothing,name"),
    ],
)
def test_the_page_redirects_to_its_canonical_address(client, query, expected):
    response = client.get(f"/makers/?{query}")
    assert (response.status_code, response.url) == (302, f"/makers/{expected}")


@pages
@pytest.mark.django_db
def test_the_same_in_another_encoding_is_no_reason_to_redirect(client):
    assert client.get("/makers/?name=a%20b&columns=size%2Cname").status_code == 200


@pages
@pytest.mark.django_db
def test_the_file_does_not_know_positions(client):
    response = client.get("/makers/?position-name=1&format=csv")
    assert response.status_code == 400


@pages
@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?columns=shout,name", "?size=2&ordering=-name,size"])
def test_to_submit_the_form_unchanged_leads_to_the_same_address(client, query):
    submitted = fields(parse(client.get(f"/makers/{query}")))
    response = client.get(f"/makers/?{urlencode(submitted)}", follow=True)
    assert response.request["PATH_INFO"] == "/makers/"
    assert dict(response.wsgi_request.GET) == dict(QueryDict(query.removeprefix("?")))


@pages
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/%2Fexample.com/under/", "/%2Fexample.com/under/"),
        ("/%C3%A9t%C3%A9/under/", "/%C3%A9t%C3%A9/under/"),
        ("/a%3Fb%23c/under/", "/a%3Fb%23c/under/"),
    ],
)
def test_a_redirect_stays_at_its_path(client, path, expected):
    assert client.get(f"{path}?name=").url == expected
