"""The response of a StreamingTemplateView."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.template import TemplateDoesNotExist

from streamreports.padding import PADDING
from streamreports.shortcuts import stream_template
from streamreports.views import StreamingTemplateView
from tests.asgi import Exchange
from tests.models import Maker
from tests.responses.asgi.helpers import run
from tests.streams.support import save, serve
from tests.templates import use_templates

TEMPLATES = {
    "makers.html": "<h1>{{ title }}</h1><ul>{% for maker in makers %}<li>{{ maker.name }}</li>"
    "{% endfor %}</ul>",
    "hello.html": "Hello {{ request.GET.name }}!",
    "year.html": "{{ year }} {{ view.title }} {{ site }}",
    "padded.html": "<h1>{{ streaming_padding }}Hello</h1>",
}


@pytest.fixture(autouse=True)
def _templates(settings):
    use_templates(settings, TEMPLATES)


class MakersPage(StreamingTemplateView):
    template_name = "makers.html"
    title = "Makers & more"

    def get_context_data(self, **kwargs):
        makers = Maker.objects.order_by("name")
        return super().get_context_data(title=self.title, makers=makers, **kwargs)


def get(rf, view_class=MakersPage, **initkwargs):
    return view_class.as_view(**initkwargs)(rf.get("/"))


def test_a_template_is_sent_in_blocks_of_five_pieces(db, rf):
    save("Ann", "Bob")
    assert list(get(rf)) == [
        b"<h1>Makers &amp; more</h1><ul><li>Ann",
        b"</li><li>Bob</li></ul>",
    ]


def test_the_number_of_pieces_can_be_chosen(db, rf):
    save("Ann")
    assert list(get(rf, buffer_size=2)) == [
        b"<h1>Makers &amp; more",
        b"</h1><ul><li>",
        b"Ann</li>",
        b"</ul>",
    ]


def test_values_are_escaped(db, rf):
    save("<script>alert(1)</script>")
    assert b"<li>&lt;script&gt;alert(1)&lt;/script&gt;</li>" in b"".join(get(rf))


def test_these_are_all_the_headers(db, rf):
    assert dict(get(rf).headers) == {
        "Content-Type": "text/html; charset=utf-8",
        "X-Accel-Buffering": "no",
        "Cache-Control": "private, no-store",
    }


def test_the_request_is_in_the_context(rf):
    view = StreamingTemplateView.as_view(template_name="hello.html")
    assert b"".join(view(rf.get("/", {"name": "<Ann>"}))) == b"Hello &lt;Ann&gt;!"


def test_the_view_and_the_arguments_of_the_url_are_in_the_context(rf):
    view = MakersPage.as_view(template_name="year.html", extra_context={"site": "here"})
    assert b"".join(view(rf.get("/"), year=2026)) == b"2026 Makers &amp; more here"


def test_the_padding_is_in_the_context(rf):
    response = get(rf, StreamingTemplateView, template_name="padded.html")
    assert b"".join(response).decode() == f"<h1>{PADDING}Hello</h1>"


def test_a_block_is_rendered_when_it_is_asked_for(rf):
    made = []

    class CountingPage(MakersPage):
        def get_context_data(self, **kwargs):
            return {"makers": self.makers()}

        def makers(self):
            for number in range(9):
                made.append(number)
                yield Maker(name=number)

    blocks = iter(get(rf, CountingPage, buffer_size=3))
    next(blocks)
    assert made == [0]
    next(blocks)
    assert made == [0, 1]


class AsyncPage(MakersPage):
    def get_context_data(self, **kwargs):
        return {"makers": self.makers()}

    async def makers(self):
        async for maker in Maker.objects.order_by("name"):
            await asyncio.sleep(0)
            yield maker


@pytest.mark.parametrize("page", [MakersPage, AsyncPage])
def test_a_page_is_the_same_under_asgi(own_connection, rf, settings, page):
    save("Ann", "Bob")
    sent = b"".join(get(rf, page))
    assert sent.endswith(b"</h1><ul><li>Ann</li><li>Bob</li></ul>")
    serve(settings, page)
    assert run(Exchange("/report/")).body == sent


def test_a_template_that_fails_is_cut(db, client, settings, finished):
    """The closing tags never come."""
    use_templates(settings, {"makers.html": TEMPLATES["makers.html"].replace("name", "name.x.y")})
    save("Ann")
    serve(settings, MakersPage, buffer_size=3)
    blocks = iter(client.get("/report/"))
    assert next(blocks) == b"<h1>Makers &amp; more</h1><ul>"
    with pytest.raises(Exception, match="'str object' has no attribute 'x'"):
        next(blocks)
    assert [(sent["outcome"], sent["bytes"], sent["report"]) for sent in finished] == [
        ("failed", 30, None)
    ]


def test_a_template_that_fails_at_once_is_an_ordinary_server_error(db, client, settings):
    use_templates(settings, {"makers.html": "{{ a.b.c }}"})
    serve(settings, MakersPage)
    client.raise_request_exception = False
    assert client.get("/report/").status_code == 500


def test_head_renders_nothing(db, rf, django_assert_num_queries, finished):
    with django_assert_num_queries(0):
        response = MakersPage.as_view()(rf.head("/"))
    assert (response.status_code, b"".join(response), finished) == (200, b"", [])


# Errors


def test_a_missing_template_name_is_said(rf):
    class UnfinishedPage(StreamingTemplateView):
        pass

    with pytest.raises(ImproperlyConfigured) as raised:
        get(rf, UnfinishedPage)
    assert str(raised.value) == (
        "UnfinishedPage is missing template_name. Define UnfinishedPage.template_name, or override"
        " UnfinishedPage.get_template_names()."
    )


def test_a_template_that_does_not_exist_is_said(rf):
    with pytest.raises(TemplateDoesNotExist, match=r"^nope\.html$"):
        get(rf, template_name="nope.html")


def test_an_invalid_number_is_said(rf):
    with pytest.raises(ImproperlyConfigured, match=r"^MakersPage\.chunk_size is 0\."):
        get(rf, chunk_size=0)


# The shortcut


def makers_page(request, **options):
    context = {"title": "Makers", "makers": Maker.objects.order_by("name")}
    return stream_template(request, "makers.html", context, **options)


def test_the_shortcut_sends_the_same(own_connection, client, settings, finished):
    save("Ann")
    serve(settings, makers_page)
    response = client.get("/report/")
    assert list(response) == [b"<h1>Makers</h1><ul><li>Ann", b"</li></ul>"]
    assert response.headers["X-Accel-Buffering"] == "no"
    assert [sent["sender"] for sent in finished] == [makers_page]


def test_the_shortcut_needs_no_context(rf):
    response = stream_template(rf.get("/", {"name": "Ann"}), ["nope.html", "hello.html"])
    assert b"".join(response) == b"Hello Ann!"


def test_these_are_the_options_of_the_shortcut(db, rf):
    save("Ann")
    response = makers_page(
        rf.get("/"),
        using="jinja",
        content_type="text/html; charset=latin-1",
        buffer_size=100,
        chunk_size=1,
        cache_control=None,
    )
    assert dict(response.headers) == {
        "Content-Type": "text/html; charset=latin-1",
        "X-Accel-Buffering": "no",
    }
    assert list(response) == [b"<h1>Makers</h1><ul><li>Ann</li></ul>"]


@pytest.mark.parametrize("name", ["buffer_size", "chunk_size"])
def test_an_invalid_number_is_refused_by_the_shortcut(rf, name):
    with pytest.raises(ImproperlyConfigured, match=rf"^stream_template\(\)\.{name} is 0\."):
        makers_page(rf.get("/"), **{name: 0})


def test_the_shortcut_says_what_to_do_in_an_event_loop(async_rf):
    @async_to_sync
    async def call():
        makers_page(async_rf.get("/"))

    with pytest.raises(ImproperlyConfigured, match=r"sync_to_async\(stream_template\)"):
        call()
