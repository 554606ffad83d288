"""The examples of streamed pages and compression run."""

import gzip

import pytest
from django.test import RequestFactory

from streamreports.padding import PADDING
from tests.manual.pages import blocks
from tests.models import Specimen

pytestmark = pytest.mark.django_db

PAGE = "how-to/streamed-pages.md"


@pytest.fixture
def names(settings, tmp_path):
    """Return what the blocks of the page define, in a project with the template of the page."""
    Specimen.objects.create(text="Tea & <b>")
    Specimen.objects.create(text="Coffee")
    names = {"Comment": Specimen}
    for block in blocks(PAGE):
        exec(compile(block, PAGE, "exec"), names)
    jinja, django = names["TEMPLATES"]
    settings.TEMPLATES = [{**jinja, "DIRS": [tmp_path]}, django]
    [template] = blocks(PAGE, "html")
    (tmp_path / "comments.html").write_text(template)
    return names


def body(response):
    return response.content if not response.streaming else b"".join(response)


def answer(view):
    return body(view(RequestFactory().get("/"))).decode()


def test_the_generator_escapes_what_users_typed(names):
    assert answer(names["CommentsView"].as_view()) == "<p>Tea &amp; &lt;b&gt;</p><p>Coffee</p>"


@pytest.mark.parametrize("name", ["CommentsTemplateView", "comments_template"])
def test_the_template_is_streamed(names, name):
    view = names[name]
    text = answer(view.as_view() if name.endswith("View") else view)
    assert (
        text.split()
        == f"""
        <h1>{PADDING}Comments</h1> <p>Tea &amp; &lt;b&gt;</p> <p>Coffee</p>
    """.split()
    )


def test_the_function_sends_plain_text(names):
    assert answer(names["comments"]) == "Tea & <b>\nCoffee\n"


def test_the_compressed_format_is_chosen_by_its_name():
    names = {"Cargo": Specimen}
    [block] = blocks("how-to/compression.md")
    exec(compile(block.replace('"commodity"', '"text"'), "compression", "exec"), names)
    Specimen.objects.create(pk=7, text="Tea")
    request = RequestFactory().get("/", {"format": "csv.gz"})
    data = body(names["CargoFileView"].as_view()(request))
    assert gzip.decompress(data) == b"ID,Text\r\n7,Tea\r\n"
