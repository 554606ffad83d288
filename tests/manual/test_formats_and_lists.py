"""The guides to lists and to formats of one's own."""

import pytest
from django.template import engines
from django.test import RequestFactory

from tests.manual.pages import blocks
from tests.models import Maker

pytestmark = pytest.mark.django_db

COLUMNS = {"commodity": "name", '"weight"': '"size"'}


@pytest.fixture
def run():
    Maker.objects.create(pk=1, name="Tea|Co", size=1)

    def run(page):
        names = {"Cargo": Maker, "__name__": "example"}
        for block in blocks(page):
            for old, new in COLUMNS.items():
                block = block.replace(old, new)
            exec(compile(block, page, "exec"), names)
        return names

    return run


def get(view, query=""):
    return view.as_view()(RequestFactory().get(f"/{query}"))


def test_the_subclass_writes_semicolons(run):
    response = get(run("how-to/own-format.md")["CargoFileView"], "?format=semicolon")
    assert b"".join(response) == b"ID;Name\r\n1;Tea|Co\r\n"


def test_the_own_format_writes_a_table(run):
    response = get(run("how-to/own-format.md")["CargoTableView"], "?format=markdown")
    assert b"".join(response) == b"| ID | Name |\n| --- | --- |\n| 1 | Tea\\|Co |\n"


def test_the_list_has_a_file_and_links_to_it(run):
    view = run("how-to/lists.md")["CargoListView"]
    assert b"".join(get(view, "?format=csv")) == b"ID,Name,Size\r\n1,Tea|Co,1\r\n"
    context = get(view).context_data
    one, all_formats = blocks("how-to/lists.md", "html")
    render = engines["django"].from_string
    assert (
        render(one).render(context).strip() == f'<a href="{context["report_url"]}">Download CSV</a>'
    )
    assert render(all_formats).render(context).strip().endswith(">CSV</a>")
