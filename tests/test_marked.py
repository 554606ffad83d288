"""Every text that a person reads is marked for translation."""

import ast
import re
from pathlib import Path

import pytest

import streamreports

PACKAGE = Path(streamreports.__file__).parent
# Modules that write texts for people. Others write texts for developers only.
FOR_PEOPLE = [
    "admin/logentries.py",
    "admin/options.py",
    "admin/views.py",
    "exports/*.py",
    "exports/management/**/*.py",
    "filters.py",
    "formats/csv.py",
    "formats/html.py",
    "formats/json.py",
    "formats/xlsx/*.py",
    "logs/admin.py",
    "logs/apps.py",
    "logs/management/**/*.py",
    "logs/models.py",
    "management/**/*.py",
    "pages*.py",
    "pages/**/*.py",
    "parameters.py",
    "previews/**/*.py",
    "problems.py",
    "views/**/*.py",
]
MODULES = sorted({path for pattern in FOR_PEOPLE for path in PACKAGE.glob(pattern)})
TEMPLATES = sorted(PACKAGE.glob("**/*.html"))
SCRIPTS = sorted(PACKAGE.glob("**/*.js"))

MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "npgettext"}
# Calls whose texts developers read: errors in the configuration, and the log.
FOR_DEVELOPERS = re.compile(
    r"((?!CommandError)\w*Error|ImproperlyConfigured|PermissionDenied|Http404|logger\.\w+|require_\w+)"
)
SENTENCE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
# Markup, style sheets, SQL, the number formats of spreadsheets, and the names of permissions, which
# Django keeps in the database.
FOR_PROGRAMS = re.compile(r"</|<\w|=\"|; }|PRAGMA|yyyy|^Can ")


def unmarked(tree):
    """Yield the texts in a module that look like sentences and are not marked."""

    def visit(node, is_marked):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            is_marked = is_marked or name in MARKS or bool(FOR_DEVELOPERS.fullmatch(name))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if not is_marked and SENTENCE.search(text) and not FOR_PROGRAMS.search(text):
                yield text
        for child in ast.iter_child_nodes(node):
            yield from visit(child, is_marked)

    return list(visit(tree, False))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_texts_in_code_are_marked(path):
    assert unmarked(ast.parse(path.read_text())) == []


def test_modules_that_mark_texts_are_looked_at():
    marking = {
        path for path in PACKAGE.glob("**/*.py") if "django.utils.translation" in path.read_text()
    }
    others = {"columns/base.py", "streaming/context.py"}  # Neither has texts of its own.
    assert {str(path.relative_to(PACKAGE)) for path in marking - set(MODULES)} <= others


def text_of(template):
    """Return what is left of a template without tags, comments and marked texts."""
    for pattern in (
        r"{%\s*comment.*?endcomment\s*%}",
        r"{#.*?#}",
        r"{%\s*blocktrans(late)?\b.*?{%\s*endblocktrans(late)?\s*%}",
        r"{%.*?%}",
        r"{{.*?}}",
        r"<!--.*?-->",
    ):
        template = re.sub(pattern, "", template, flags=re.DOTALL)
    labels = re.findall(r"\b(?:aria-label|title|alt|placeholder)=[\"']([^\"']*)[\"']", template)
    return " ".join([*labels, re.sub(r"<[^>]*>", " ", template)])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_texts_in_templates_are_marked(path):
    assert re.findall(r"[^\W\d_]{2,}", text_of(path.read_text())) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_have_no_texts(path):
    """A script takes its texts from the page."""
    script = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    strings = re.findall(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`", script)
    assert [text for found in strings for text in found if SENTENCE.search(text)] == []


def test_an_unmarked_text_is_found():
    assert unmarked(ast.parse('raise ReportError("No such report.")')) == []
    assert unmarked(ast.parse('raise CommandError("No such report.")')) == ["No such report."]
    assert unmarked(ast.parse('print("No such report.", _("Try again."))')) == ["No such report."]
    assert text_of("<p title='Hm'>Hello {% translate 'you' %}</p>").split() == ["Hm", "Hello"]
