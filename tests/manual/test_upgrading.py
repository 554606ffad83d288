"""The names in the notes on upgrading are those of the classes."""

import re
from pathlib import Path

import pytest

from streamreports.formats.base import Format
from streamreports.reports import Report
from streamreports.views import StreamingReportView

PAGE = Path(__file__).parents[2] / "docs/upgrading.md"
CLASSES = {"Format": Format, "Report": Report, "View": StreamingReportView}
ROWS = re.findall(r"^\| (`(?:View|Format|Report).*?) \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
KEPT = {"Format.get_copy_options", "Format.encode", "Report.explain"}  # with other arguments


def names(cell):
    return re.findall(r"`((?:View|Format|Report)\.\w+)", cell)


def exists(name):
    owner, attribute = name.split(".")
    return hasattr(CLASSES[owner], attribute)


def test_the_table_is_read():
    assert len(ROWS) == 10


@pytest.mark.parametrize("name", [name for old, _ in ROWS for name in names(old)])
def test_an_old_name_is_gone_or_has_other_arguments(name):
    assert exists(name) == (name in KEPT)


@pytest.mark.parametrize("name", [name for _, new in ROWS for name in names(new)])
def test_a_new_name_exists(name):
    assert exists(name)
