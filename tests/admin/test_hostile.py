"""Hostile values in the URL of a changelist's report: it has the changelist's rows, or is a 400."""

from urllib.parse import quote

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME

from tests.factories import SpecimenFactory
from tests.models import Drawer, Maker, Specimen
from tests.test_injection import HOSTILE, MARK, statements

INVALID = "This filter is unknown, or its value is invalid.\n"
VALUES = [*HOSTILE, f"{MARK}\0", "\0", f"1,{MARK}"]
REJECTING = [
    "pk",
    "pk__in",
    "integer__gt",
    "decimal",
    "date__gte",
    "date__year",
    "datetime__exact",
    "uuid",
    "maker__id__exact",
    "boolean__exact",
    "kind__nonsense",
    "format",
    "page",
]
TEXTS = ["char", "char__icontains", "text__startswith", "json__key", "maker__name"]


@pytest.fixture
def pages(make_pages):
    """Return the pages of specimens, of which there is one."""
    SpecimenFactory(char="plain", date="2026-01-01", maker__name="Ann")
    return make_pages(
        Specimen,
        list_display=["char", "integer"],
        list_filter=["kind", "boolean", "maker", "maker__name", "datetime"],
        search_fields=["char", "^text", "=integer", "maker__name"],
        date_hierarchy="date",
    )


def rows_of(pages, query):
    """Return the rows of a report; None if it is rejected. Nothing hostile may be in its SQL."""
    with statements() as found:
        response = pages.report(query)
        text = b"".join(response).decode()
    assert not any(MARK in sql for sql in found)
    assert Maker.objects.count() == Specimen.objects.count() == 1
    if response.status_code == 400:
        return None
    assert response.status_code == 200
    return [line.split(",")[0] for line in text.split("\r\n")[1:-1]]


@pytest.mark.parametrize("name", REJECTING)
def test_a_hostile_value_is_rejected(pages, name):
    for value in VALUES:
        assert rows_of(pages, f"?{name}={quote(value)}") is None, value


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_selects_no_row(pages, name):
    for value in VALUES:
        expected = None if "\0" in value else []
        assert rows_of(pages, f"?{name}={quote(value)}") == expected, value


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_text_selects_the_row_that_has_it(pages, value):
    Specimen.objects.update(char=value)
    with statements() as found:
        lines = pages.lines(f"?char={quote(value)}")
    assert MARK in "".join(lines)
    assert not any(MARK in sql for sql in found)


@pytest.mark.parametrize("prefix", ["", "char__", "json__", "maker__", "maker__name__"])
def test_a_hostile_name_of_a_filter_is_rejected_or_selects_no_row(pages, prefix):
    for name in VALUES:
        rows = rows_of(pages, f"?{prefix}{quote(name)}=1")
        assert rows is None or (prefix == "json__" and rows == []), name


def test_a_hostile_search_selects_what_the_changelist_shows(pages):
    for value in VALUES:
        query = f"?q={quote(value)}"
        if "\0" in value:
            assert rows_of(pages, query) is None, value
        else:
            assert list(pages.changelist(query).context["cl"].result_list) == [], value
            assert rows_of(pages, query) == [], value


@pytest.mark.parametrize("name", ["o", "p", "all"])
def test_a_hostile_ordering_or_page_selects_what_the_changelist_shows(pages, name):
    for value in VALUES:
        assert rows_of(pages, f"?{name}={quote(value)}") in (None, ["plain"]), value


@pytest.mark.parametrize(
    "query",
    [
        f"pk__in={10**30}",
        f"pk__in=1,-{10**30}",
        "pk__range=123",
        "char__range=x",
        "char__range=xyz",
        "char__regex=(",
        "char__iregex=*",
        f"date__year={10**30}",
        "datetime__year=99999",
        "datetime__year=-1",
        "decimal=NaN",
        "floating=1e400",
        "floating__in=1,NaN",
        "json__contained_by=x%00",
    ],
)
def test_a_value_that_a_lookup_cannot_have_is_rejected(pages, query):
    name = query.partition("=")[0]
    response = pages.report(f"?{query}")
    assert response.status_code == 400
    assert response.content.decode() == f"{name}: {INVALID}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["binary", "duration", "id__contained_by"])
def test_a_value_that_the_database_rejects_is_rejected(pages, name):
    for value in VALUES:
        response = pages.report(f"?char=plain&{name}={quote(value)}")
        assert response.status_code == 400, value
        assert response.content.decode() == f"{name}: {INVALID}", value


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["char__regex", "char__iregex"])
def test_a_hostile_regular_expression_is_rejected_or_selects_no_row(pages, name):
    for value in ["x{99999}", "x{1,99999}", "x{256}", "(?P<a>b)", "(?<=a*)b", *VALUES]:
        rows = rows_of(pages, f"?{name}={quote(value)}")
        assert rows is None or (rows == [] and value not in ("x{99999}", "x{1,99999}")), value


@pytest.mark.parametrize(
    "query",
    [
        "datetime=9999-12-31T23:59:59-12:00",
        "datetime__in=0001-01-01T00:00:00%2B14:00",
        "decimal=1e400",
    ],
)
def test_a_value_out_of_range_is_rejected_or_selects_no_row(pages, query):
    assert rows_of(pages, f"?{query}") in (None, [])


def post(pages, key):
    """Return the status of the report of a selected row, and its text."""
    response = pages.client.post(pages.url("report"), {ACTION_CHECKBOX_NAME: [key]})
    return response.status_code, b"".join(response).decode()


def test_hostile_keys_of_selected_rows_are_rejected(pages):
    for key in [*VALUES, str(10**30)]:
        assert post(pages, key) == (400, "The selected rows are invalid.\n"), key


def test_hostile_keys_that_are_texts_select_no_row(make_pages):
    pages = make_pages(Drawer, list_display=["code"])
    for key in HOSTILE:
        assert post(pages, key) == (200, "Code\r\n"), key
