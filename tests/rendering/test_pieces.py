import asyncio
from contextlib import closing

import jinja2
import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.template import engines
from django.utils.safestring import SafeString

from streamreports.rendering.pieces import ChunkedQuerySet, render
from tests.models import Maker
from tests.templates import use_templates
from tests.views import save

LIST = "<ul>{% for each in values %}<li>{{ each }}</li>{% endfor %}</ul>"


@pytest.fixture
def pieces(settings):
    """Return what renders a template with a context, as a generator."""

    def render_pieces(source, _chunk_size=100, **context):
        use_templates(settings, {"page.html": source})
        return render(engines["jinja"].get_template("page.html"), context, _chunk_size)

    return render_pieces


def test_a_piece_is_a_text_or_a_value(pieces):
    assert list(pieces(LIST, values="ab")) == [
        "<ul>",
        *("<li>", "a", "</li>"),
        *("<li>", "b", "</li>"),
        "</ul>",
    ]


def test_values_are_escaped_and_pieces_are_safe(pieces):
    found = list(pieces("<p>{{ value }}", value="<script>"))
    assert found == ["<p>", "&lt;script&gt;"]
    assert {type(piece) for piece in found} == {SafeString}


def test_inheritance_blocks_and_includes_are_rendered_piece_by_piece(settings):
    templates = {
        "base.html": "<main>{% block main %}{% endblock %}</main>",
        "row.html": "<li>{{ each }}</li>",
        "page.html": '{% extends "base.html" %}{% block main %}{% for each in values %}'
        '{% include "row.html" %}{% endfor %}{% endblock %}',
    }
    use_templates(settings, templates)
    template = engines["jinja"].get_template("page.html")
    expected = ["<main>", "<li>", "a", "</li>", "<li>", "b", "</li>", "</main>"]
    assert list(render(template, {"values": "ab"}, 100)) == expected


def test_an_iterator_is_read_as_it_is_shown(pieces):
    made = []

    def generate():
        for number in range(3):
            made.append(number)
            yield number

    found = pieces(LIST, values=generate())
    assert [next(found), next(found), next(found)] == ["<ul>", "<li>", "0"]
    assert made == [0]


def test_an_error_in_a_value_ends_the_pieces(pieces):
    def generate():
        yield "a"
        raise LookupError("no")

    found = pieces(LIST, values=generate())
    assert [next(found) for _ in range(4)] == ["<ul>", "<li>", "a", "</li>"]
    with pytest.raises(LookupError, match="no"):
        next(found)
    assert list(found) == []


def test_an_undefined_value_ends_the_pieces(pieces):
    with pytest.raises(jinja2.UndefinedError):
        list(pieces("<p>{{ value.name.first }}"))


# Generators are closed


@pytest.fixture
def ended():
    return []


def generate(ended):
    try:
        yield from range(9)
    finally:
        ended.append(True)


async def agenerate(ended):
    try:
        for number in range(9):
            await asyncio.sleep(0)
            yield number
    finally:
        await asyncio.sleep(0)
        ended.append(True)


both = pytest.mark.parametrize("make", [generate, agenerate])


@both
def test_a_generator_is_read(pieces, make, ended):
    assert "".join(pieces("{% for i in values %}{{ i }}{% endfor %}", values=make(ended))) == (
        "012345678"
    )
    assert ended == [True]


@both
def test_a_generator_is_closed_with_the_pieces(pieces, make, ended):
    values = make(ended)
    with closing(pieces(LIST, values=values)) as found:
        assert [next(found), next(found)] == ["<ul>", "<li>"]
    assert ended == [True]


@both
def test_a_generator_is_closed_if_the_template_fails(pieces, make, ended):
    values = make(ended)
    with pytest.raises(jinja2.UndefinedError):
        list(pieces("{% for i in values %}{{ x.y.z }}{% endfor %}", values=values))
    assert ended == [True]


@both
def test_a_generator_that_is_not_read_is_not_begun(pieces, make, ended):
    assert "".join(pieces("<p>", values=make(ended))) == "<p>"
    assert ended == []


# Querysets


def makers():
    return Maker.objects.order_by("name")


NAMES = "{% for each in makers %}{{ each.name }} {% endfor %}"


def test_a_queryset_is_read_and_not_kept(db, pieces, django_assert_num_queries):
    save("Ann", "Bob")
    queryset = makers()
    with django_assert_num_queries(2):
        assert "".join(pieces(NAMES + NAMES, makers=queryset)) == "Ann Bob Ann Bob "
    assert queryset._result_cache is None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Others read all rows at once.")
def test_a_queryset_is_read_by_a_cursor(own_connection, pieces):
    save(*(f"{number:04d}" for number in range(250)))
    with closing(pieces(NAMES, makers=makers())) as found:
        next(found)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_cursors")
            assert cursor.fetchone() == (1,)


def test_relations_are_prefetched_for_a_chunk(db, pieces, django_assert_num_queries):
    save(*"abcdef")
    queryset = makers().prefetch_related("specimens")
    source = "{% for each in makers %}{{ each.specimens.all()|length }}{% endfor %}"
    with django_assert_num_queries(4):
        assert "".join(pieces(source, 2, makers=queryset)) == "000000"


def test_a_queryset_that_has_been_read_is_not_read_again(db, pieces, django_assert_num_queries):
    save("Ann")
    queryset = makers()
    len(queryset)
    with django_assert_num_queries(0):
        assert "".join(pieces(NAMES, makers=queryset)) == "Ann "


def test_the_database_tells_the_length_of_a_queryset(db, pieces, django_assert_num_queries):
    save("Ann", "Bob")
    with django_assert_num_queries(1) as queries:
        assert "".join(pieces("{{ makers|length }}", makers=makers())) == "2"
    assert "COUNT" in queries[0]["sql"]


def test_the_database_tells_if_a_queryset_is_empty(db, pieces, django_assert_num_queries):
    source = "{% if makers %}some{% else %}none{% endif %}"
    with django_assert_num_queries(1) as queries:
        assert "".join(pieces(source, makers=makers())) == "none"
    assert "LIMIT 1" in queries[0]["sql"]


def test_a_slice_of_a_queryset_is_read_in_chunks_too(db):
    save("Ann", "Bob", "Cat")
    queryset = ChunkedQuerySet(makers(), 100)
    assert isinstance(queryset[1:], ChunkedQuerySet)
    assert [each.name for each in queryset[1:]] == ["Bob", "Cat"]
    assert queryset[0].name == "Ann"


def test_other_attributes_are_those_of_the_queryset(db, pieces):
    save("Ann", "Bob")
    source = "{{ makers.count() }} {{ makers.filter(name='Bob').get().name }} {{ makers.model }}"
    assert (
        "".join(pieces(source, makers=makers()))
        == "2 Bob &lt;class &#39;tests.models.Maker&#39;&gt;"
    )
    with pytest.raises(ObjectDoesNotExist):
        ChunkedQuerySet(makers(), 100).get(name="Cat")


def test_tuples_and_values_are_read_too(db, pieces):
    save("Ann")
    source = "{% for (name,) in makers %}{{ name }}{% endfor %}"
    assert "".join(pieces(source, makers=makers().values_list("name"))) == "Ann"
