"""The tutorial, from an empty folder: its files, its commands, and what they print."""

import html
import re

import pytest
from django.db import connection

from tests.manual.pages import DOCS
from tests.manual.project import Project, merged

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="The project of the tutorial uses SQLite."
)

PAGE = "tutorial.md"
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
# An address to open, and the words in bold that its page shows.
OPENED = re.compile(r"open\s+`(http://[^`]+)`|\*\*([^*]+)\*\*|(^## )", re.IGNORECASE | re.MULTILINE)


class Tutorial(Project):
    """The project of the tutorial, with the development server that its reader starts."""

    def __init__(self, folder):
        super().__init__(folder, serve=True)
        self.commands = []

    def run(self, command, where, not_run):
        self.commands.append(command)
        return super().run(command, where, not_run)


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    project = Tutorial(tmp_path_factory.mktemp("tutorial"))
    try:
        project.run_all(PAGE)
        yield project
    finally:
        project.stop_server()
        project.stop_worker()


def shown():
    """Return the addresses that the page says to open, each with the words on its page."""
    pages, address = [], None
    for found in OPENED.finditer(FENCE.sub("", (DOCS / PAGE).read_text(encoding="utf-8"))):
        if found[1]:
            address = found[1]
            pages.append((address, []))
        elif found[3]:
            address = None
        else:
            assert address, f"No page shows **{found[2]}**."
            pages[-1][1].append(" ".join(found[2].split()))
    return [(address, words) for address, words in pages if words]


def test_commands_print_what_the_tutorial_shows(tutorial):
    assert "python manage.py runserver" in tutorial.commands
    assert len([command for command in tutorial.commands if command.startswith("curl ")]) >= 6


@pytest.mark.parametrize(("address", "words"), shown(), ids=lambda value: str(value)[:60])
def test_pages_show_the_words_in_bold(tutorial, address, words):
    tutorial.user = "ana"
    kind, body = tutorial.visit(address)
    text = html.unescape(re.sub(r"<(?!option)[^>]*>", "", body.decode()))
    assert kind.startswith("text/html")
    assert [word for word in words if word not in " ".join(text.split())] == []


def test_the_report_asks_anonymous_users_to_log_in(tutorial):
    tutorial.user = None
    assert tutorial.visit("http://127.0.0.1:8000/reports/cargoes/")[1] == b""


def test_the_check_finds_the_mistake_that_the_tutorial_suggests(tutorial):
    views = tutorial.root / "shipments" / "views.py"
    code = views.read_text()
    views.write_text(code.replace('Column("weight"', 'Column("wieght"'))
    tutorial.stop_worker()
    try:
        printed = tutorial.execute("python manage.py check")
    finally:
        views.write_text(code)
        tutorial.stop_worker()
    assert "CargoReportView.columns: 'wieght' is not a field" in " ".join(printed.split())
    assert "Did you mean 'weight'?" in " ".join(printed.split())


# The tests of the test: a page that is wrong fails


def test_a_command_that_prints_something_else_fails(tmp_path):
    (difference,) = Project(tmp_path).converse("$ echo one\ntwo\n", "page, line 3", ())
    assert difference.startswith("page, line 3: $ echo one\nExpected:")


def test_a_block_without_a_file_fails(tmp_path):
    with pytest.raises(AssertionError, match="names no file"):
        Project(tmp_path).write("import this\n")


def test_a_definition_replaces_the_one_of_its_name():
    old = "import a\n\n\nclass View:\n    x = 1\n\n\nLAST = 2\n"
    new = "import b\n\n\nclass View(b.View):\n    x = 3\n"
    assert merged(old, new) == (
        "import b\nimport a\n\n\nclass View(b.View):\n    x = 3\n\n\nLAST = 2\n"
    )
