"""The manual as one text: small, with every public name and all code of the guides."""

import re
import runpy
from dataclasses import fields

import pytest

from streamreports.conf import Settings
from tests.manual.pages import BLOCK, DOCS
from tests.manual.reference import code, page_tables, sections

LLMS = runpy.run_path(str(DOCS / "llms.py"))
PAGES = [
    str(page.relative_to(DOCS).with_suffix(""))
    for page in [DOCS / "tutorial.md", *DOCS.glob("how-to/*.md"), *DOCS.glob("reference/*.md")]
]
TEXT = LLMS["manual"](PAGES, lambda name: DOCS / f"{name}.md", "1.0")
CODE = {"python", "html", "nginx"}


def has(name):
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", TEXT)


def guides():
    return [page for page in PAGES if not page.startswith("reference/")]


def test_the_text_is_small_enough_to_paste():
    assert len(TEXT.encode()) < LLMS["MAX_BYTES"] == 100_000


def test_the_text_begins_with_a_title_and_a_summary():
    title, empty, summary, *_ = TEXT.splitlines()
    assert (title, empty) == ("# streamreports 1.0", "")
    assert summary.startswith("> ")


@pytest.mark.parametrize("section", sections(), ids=lambda each: each.path)
def test_the_text_has_every_public_name(section):
    names = [
        code(first)
        for header, table in section.tables.items()
        if header in ("Attribute", "Argument", "Method", "Field")
        for first in table
    ]
    if {section.page.removesuffix(".md"), section.path.rpartition(".")[2]} & LLMS["NAMED"]:
        names = [name.partition("(")[0] for name in names]
    assert [name for name in [section.path, *names] if not has(name)] == []


def test_the_text_has_every_setting_command_and_exception():
    names = [each.name.upper() for each in fields(Settings)]
    names += [code(first) for first in page_tables("exceptions.md")["Exception"]]
    names += [code(first).split(",")[0] for first in page_tables("formats.md")["Format"]]
    names += ["dumpreport", "prunereportlogs", "exports run"]
    assert [name for name in names if not has(name)] == []


@pytest.mark.parametrize("page", guides())
def test_the_text_has_the_code_of_a_guide_once(page):
    found = BLOCK.finditer((DOCS / f"{page}.md").read_text(encoding="utf-8"))
    blocks = [
        LLMS["compact"](LLMS["FENCE"].fullmatch(each[0])) for each in found if each[2] in CODE
    ]
    assert {block: TEXT.count(block) for block in blocks} == dict.fromkeys(blocks, 1)


def test_blocks_of_code_are_closed():
    fences = re.findall(r"^```.*$", TEXT, re.MULTILINE)
    assert [each == "```" for each in fences] == [False, True] * (len(fences) // 2)


@pytest.mark.parametrize(
    "words", ["$ python manage.py", "](", "{toctree}", "{image}", "# Changelog"]
)
def test_the_text_has_nothing_that_only_pages_need(words):
    assert words not in TEXT


def test_a_meaning_is_given_once():
    lines = [line for line in TEXT.splitlines() if line.startswith("- retry_after ")]
    assert lines[0] == (
        "- retry_after int = 10: Value of the Retry-After header of a response with 503, in seconds"
    )
    assert set(lines[1:]) == {"- retry_after int = 10"}


def test_a_class_for_the_few_has_names_only():
    assert "- Methods: escapes, text, texts, joined_texts\n" in TEXT


def test_the_meaning_of_a_unit_has_the_sentence_after_it():
    assert LLMS["first_sentence"]("Bytes. Sent whole. And so on.") == "Bytes. Sent whole"


def test_a_meaning_ends_at_its_first_full_stop():
    assert LLMS["first_sentence"]("The name, e.g. x. Required. More") == "The name, e.g. x"
