"""Every block of code in README, CONTRIBUTING and the manual is run, or named with a reason."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.manual import test_explanation, test_guides, test_shell
from tests.manual.pages import DOCS

ROOT = DOCS.parent
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
FENCE = re.compile(r"^ *(```+|~~~+)([^\n`]*)\n.*?^ *\1 *$", re.DOTALL | re.MULTILINE)

# Pages whose blocks in some languages are all run, however many they are.
WHOLE = {
    "docs/tutorial.md": {"python", "console"},
    **{f"docs/{page}": {"python", "html", "console"} for page in test_guides.GUIDES},
    **{str(page.relative_to(ROOT)): {"python", "pycon"} for page in test_explanation.PAGES},
}
# The blocks of other pages that a module runs: who adds one has it run, and counts it here.
RUN = {
    ("README.md", "python"): (2, "test_examples"),
    ("docs/deployment.md", "nginx"): (1, "test_nginx"),
    ("docs/deployment.md", "python"): (1, "test_databases"),
    ("docs/how-to/background.md", "html"): (1, "test_examples"),
    ("docs/how-to/background.md", "python"): (4, "test_export_guides"),
    ("docs/how-to/compression.md", "python"): (1, "test_streamed_pages"),
    ("docs/how-to/cron.md", "text"): (1, "test_shell"),
    ("docs/how-to/downloads.md", "nginx"): (1, "test_nginx"),
    ("docs/how-to/downloads.md", "python"): (1, "test_examples"),
    ("docs/how-to/languages.md", "po"): (1, "test_languages"),
    ("docs/how-to/languages.md", "python"): (1, "test_languages"),
    ("docs/how-to/lists.md", "html"): (2, "test_formats_and_lists"),
    ("docs/how-to/lists.md", "python"): (1, "test_formats_and_lists"),
    ("docs/how-to/logs.md", "python"): (2, "test_logs_guide"),
    ("docs/how-to/mails.md", "python"): (1, "test_export_guides"),
    ("docs/how-to/own-format.md", "python"): (2, "test_formats_and_lists"),
    ("docs/how-to/queues.md", "python"): (3, "test_export_guides"),
    ("docs/how-to/s3.md", "python"): (1, "test_export_guides"),
    ("docs/how-to/streamed-pages.md", "html"): (1, "test_streamed_pages"),
    ("docs/how-to/streamed-pages.md", "python"): (4, "test_streamed_pages"),
    ("docs/how-to/tenants.md", "python"): (3, "test_examples"),
    ("docs/index.md", "python"): (1, "test_examples"),
    ("docs/reference/columns.md", "python"): (1, "test_reference"),
    ("docs/reference/exports.md", "python"): (1, "test_examples"),
    ("docs/reference/settings.md", "python"): (1, "test_reference"),
    ("docs/reference/values-in-formats.md", "python"): (2, "test_values_in_formats"),
}
NOT_RUN = {
    ("docs/explanation/how-a-row-travels.md", "text"): (1, "a diagram"),
}


def found():
    """Return how many blocks there are, by page and language; directives of Sphinx are none."""
    return Counter(
        (str(page.relative_to(ROOT)), language.strip())
        for page in PAGES
        for _, language in FENCE.findall(page.read_text(encoding="utf-8"))
        if not language.startswith("{")
    )


def others():
    """Return how many blocks there are that the tests of whole pages and of shell lines leave."""
    return {
        (page, language): number
        for (page, language), number in found().items()
        if language not in WHOLE.get(page, ()) and not is_shell(page, language)
    }


def is_shell(page, language):
    return language in test_shell.LANGUAGES and ROOT / page in test_shell.PAGES


def test_every_block_is_run_or_named_with_a_reason():
    named = {key: number for key, (number, _) in [*RUN.items(), *NOT_RUN.items()]}
    assert others() == named


def test_every_block_says_its_language():
    assert [page for page, language in found() if not language] == []


@pytest.mark.parametrize(
    ("page", "module"), sorted({(key[0], each[1]) for key, each in RUN.items()})
)
def test_the_module_that_runs_a_block_names_its_page(page, module):
    source = (Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8")
    assert f'{page.removeprefix("docs/")}"' in source or "pages_with(" in source
