"""Hostile values in the query string of a page."""

from urllib.parse import quote

import pytest

from tests.pages.html import parse
from tests.test_injection import HOSTILE

pytestmark = [pytest.mark.urls("tests.pages.urls"), pytest.mark.django_db]

MARKUP = ["<script>alert(1)</script>", "\"><img src=x onerror='alert(1)'>", "'-alert(1)-'", "</p>"]
REJECTING = ["columns", "ordering", "size", "key_min", "key_max", "position-shoutt", "nothing"]


@pytest.mark.parametrize("value", HOSTILE + MARKUP)
@pytest.mark.parametrize("name", REJECTING)
def test_a_hostile_value_is_rejected(client, django_assert_num_queries, name, value):
    with django_assert_num_queries(0):
        response = client.get(f"/makers/?{name}={quote(value)}", follow=True)
    assert response.status_code == 400


@pytest.mark.parametrize("value", HOSTILE + MARKUP)
@pytest.mark.parametrize("name", ["name", *REJECTING])
def test_a_hostile_value_is_text_on_the_page(client, name, value):
    page = parse(client.get(f"/makers/?{name}={quote(value)}", follow=True))
    assert [each.tag for each in page if each.tag in ("img", "script")] == ["script"]
    assert page.one("script")["src"] == "/static/streamreports/reports.js"
    assert not [each for each in page if any(key.startswith("on") for key in each.attributes)]


@pytest.mark.parametrize("name", HOSTILE + MARKUP)
def test_a_hostile_name_of_a_parameter_is_rejected(client, name):
    response = client.get(f"/makers/?{quote(name)}=1", follow=True)
    assert response.status_code == 400
    assert len(parse(response).all("script")) == 1


@pytest.mark.parametrize("value", HOSTILE + MARKUP)
def test_a_hostile_position_is_left_out(client, value):
    response = client.get(f"/makers/?columns=name&position-name={quote(value)}")
    assert (response.status_code, response.url) == (302, "/makers/?columns=name")
