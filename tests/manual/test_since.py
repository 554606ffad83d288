"""Which version a public name is new in: 1.0, unless a note in the manual names a later one."""

import re

import pytest

from tests.manual.pages import DOCS

NOTE = re.compile(r"\{(?:versionadded|versionchanged)\}\s+(\d+)\.(\d+)")
RELEASE = re.compile(r"^## (\d+)\.(\d+)\b", re.MULTILINE)


def versions(pattern, path):
    return [(int(a), int(b)) for a, b in pattern.findall(path.read_text(encoding="utf-8"))]


def test_the_index_says_that_everything_is_new_in_the_first_release():
    index = " ".join((DOCS / "index.md").read_text(encoding="utf-8").split())
    first = min(versions(RELEASE, DOCS.parent / "CHANGELOG.md"))
    assert f"Everything was added in version {first[0]}.{first[1]}, unless a note" in index


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_a_note_names_a_later_version_that_the_changelog_has(page):
    later = set(versions(RELEASE, DOCS.parent / "CHANGELOG.md")) - {(1, 0)}
    assert set(versions(NOTE, page)) - later == set()
