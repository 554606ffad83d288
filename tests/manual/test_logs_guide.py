"""The guide to the log of reports is true."""

from datetime import timedelta

import pytest
from django.utils import timezone

from streamreports.logs.models import ReportLog
from tests.manual.pages import DOCS, blocks

PAGE = "how-to/logs.md"


@pytest.mark.django_db
def test_the_examples_find_entries_and_delete_old_ones():
    now = timezone.now()
    for days in (1, 400):
        then = now - timedelta(days=days)
        entry = {"username": "ann", "outcome": "completed", "rows": 1, "bytes": 1, "seconds": 1}
        ReportLog.objects.create(started=then, finished=then, **entry)
    _, examples = blocks(PAGE)
    exec(compile(examples, PAGE, "exec"), {})
    assert [entry.started.date() for entry in ReportLog.objects.all()] == [
        (now - timedelta(days=1)).date()
    ]


def test_the_table_has_each_field():
    text = (DOCS / PAGE).read_text(encoding="utf-8")
    table = text.partition("| field | meaning |")[2].partition("\n\n")[0]
    names = {field.name for field in ReportLog._meta.fields} - {"id"}
    assert {name for name in names if f"`{name}`" not in table} == set()
